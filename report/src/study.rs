//! The page of a study (comparison, sizing …): what it asks and found, and how to repeat it.

use crate::html;
use crate::methods::MethodsSection;
use crate::words::Language;
use askama::Template;

/// What every page of a study has. Everything but `plain_title` and `command` is HTML in both languages.
#[derive(Template)]
#[template(path = "study.html")]
pub(crate) struct StudyPage<'a> {
    /// The language in which the page opens.
    pub(crate) opens_in: Language,
    /// Title of the browser's window, in that language.
    pub(crate) plain_title: &'a str,
    /// Heading.
    pub(crate) title: String,
    /// The line under it: how the study was made.
    pub(crate) facts: String,
    /// What came out.
    pub(crate) body: String,
    /// How it was made ([`crate::methods::of_study`]).
    pub(crate) methods: &'a [MethodsSection],
    /// The command that repeats the study.
    pub(crate) command: &'a str,
}

impl StudyPage<'_> {
    /// The page as one HTML file that needs nothing else.
    ///
    /// # Errors
    /// None that can happen: the template is compiled in and written into memory.
    pub(crate) fn html(&self) -> Result<String, askama::Error> {
        self.render()
    }

    fn how_it_was_made(&self) -> String {
        html::methods(self.methods, self.command)
    }
}
