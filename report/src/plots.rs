//! Plots of a run as SVG: waits, queues by hour, utilisation, the time of a visit. Each is drawn once in each language.
//!
//! Text is written as text: the viewer's fonts draw it, so no font comes with the program. Widths of text are estimated
//! from the width classes of its characters, since without a font there is nothing to measure.

mod canvas;
pub(crate) mod compare;
mod queues;
mod scale;
pub(crate) mod size;
pub(crate) mod stress;
pub(crate) mod sweep;
mod utilisation;
mod visit;
mod waits;
pub(crate) mod why;

pub use canvas::Ink;

use crate::document::RunDocument;
use crate::words::{Language, Words};
use std::borrow::Cow;

/// A plot in both languages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plot {
    /// Short name, the stem of its files.
    pub name: Cow<'static, str>,
    /// What it shows.
    pub title: Words,
    /// What to look for, in a sentence or two.
    pub caption: Words,
    /// The drawing in English and in Chinese.
    drawings: [String; 2],
}

impl Plot {
    /// The drawing in one language as a whole SVG file, with fixed colours.
    pub fn svg(&self, language: Language) -> &str {
        match language {
            Language::English => &self.drawings[0],
            Language::Chinese => &self.drawings[1],
        }
    }

    /// The drawing for a page that defines the inks as CSS custom properties ([`Ink`]), so that it follows the page's
    /// light or dark look.
    pub fn inline_svg(&self, language: Language) -> String {
        Ink::ALL.iter().fold(self.svg(language).to_owned(), |svg, ink| {
            svg.replace(&format!("\"{}\"", ink.hex()), &format!("\"var({})\"", ink.property()))
        })
    }
}

/// A plot's name, title, caption and how to draw it.
struct Sketch {
    name: &'static str,
    title: Words,
    caption: Words,
    draw: fn(&RunDocument, Language) -> Option<String>,
}

/// All plots of a run, but those for which it has nothing to show.
pub fn all(document: &RunDocument) -> Vec<Plot> {
    let sketches = [waits::sketch(), queues::sketch(), utilisation::sketch(), visit::sketch()];
    sketches
        .into_iter()
        .filter_map(|sketch| {
            let drawings =
                [Language::English, Language::Chinese].map(|language| (sketch.draw)(document, language));
            let [Some(english), Some(chinese)] = drawings else { return None };
            Some(Plot {
                name: sketch.name.into(),
                title: sketch.title,
                caption: sketch.caption,
                drawings: [english, chinese],
            })
        })
        .collect()
}
