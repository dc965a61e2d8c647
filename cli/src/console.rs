//! Where a command speaks: results to standard output, remarks to standard error.

use crate::arguments::{Arguments, MOST_COLUMNS};
use crate::wrapping::wrapped;
use anstream::{AutoStream, ColorChoice};
use onetrip_report::words::Language;
use onetrip_scenarios::reader::{Diagnostics, Ink};
use serde::Serialize;
use std::io::{self, Write};

/// Columns of text that goes to a file or a pipe.
const WIDTH_WITHOUT_TERMINAL: usize = 100;

/// One of two texts with values in them, in the language of a [`Console`].
macro_rules! said {
    ($console:expr, $english:literal, $chinese:literal $(, $value:expr)* $(,)?) => {
        match $console.language {
            onetrip_report::words::Language::English => format!($english $(, $value)*),
            onetrip_report::words::Language::Chinese => format!($chinese $(, $value)*),
        }
    };
}
pub(crate) use said;

/// The two streams of a command, and how it is to speak.
pub(crate) struct Console {
    /// Language of what is said.
    pub(crate) language: Language,
    /// Results as JSON instead of text.
    pub(crate) is_json: bool,
}

impl Console {
    pub(crate) fn new(arguments: &Arguments, fallback: Language) -> Console {
        Console { language: arguments.language.unwrap_or(fallback), is_json: arguments.is_json }
    }

    /// The one of two texts that is in the person's language.
    pub(crate) fn say<'a>(&self, english: &'a str, chinese: &'a str) -> &'a str {
        self.language.pick(english, chinese)
    }

    /// Writes a text of results. Colours in it reach terminals only.
    ///
    /// # Errors
    /// When standard output is closed or full.
    pub(crate) fn print(&mut self, text: &str) -> io::Result<()> {
        let written = write_out(text);
        written.map_err(|error| {
            let what = self.say("standard output", "标准输出");
            io::Error::new(error.kind(), format!("{what}: {error}"))
        })
    }

    /// Writes sentences of results, broken where the terminal ends.
    ///
    /// # Errors
    /// When standard output is closed or full.
    pub(crate) fn print_prose(&mut self, text: &str) -> io::Result<()> {
        self.print(&wrapped(text, self.width().min(MOST_COLUMNS)))
    }

    /// Writes results as JSON.
    ///
    /// # Errors
    /// When standard output is closed or full.
    pub(crate) fn print_json<T: Serialize + ?Sized>(&mut self, results: &T) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(results)?;
        Ok(self.print(&text)?)
    }

    /// Makes a remark beside the results. A closed standard error is nobody's concern.
    pub(crate) fn remark(&self, text: &str) {
        let _ = writeln!(anstream::stderr(), "{text}");
    }

    /// Shows findings about an input beside the results.
    pub(crate) fn remark_findings(&self, findings: &Diagnostics) {
        if !findings.is_empty() {
            self.remark(&findings.render(ink_of(AutoStream::choice(&io::stderr()))));
        }
    }

    /// How wide printed lines may be.
    pub(crate) fn width(&self) -> usize {
        width_of_terminal()
    }
}

/// Writes a text to standard output, and ends its last line. Colours in it reach terminals only.
///
/// # Errors
/// When standard output is closed or full.
pub(crate) fn write_out(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// The columns of the terminal, or those of text that goes elsewhere.
pub(crate) fn width_of_terminal() -> usize {
    match terminal_size::terminal_size_of(io::stdout()) {
        Some((columns, _)) => columns.0.into(),
        None => WIDTH_WITHOUT_TERMINAL,
    }
}

fn ink_of(choice: ColorChoice) -> Ink {
    match choice {
        ColorChoice::Always | ColorChoice::AlwaysAnsi => Ink::Coloured,
        ColorChoice::Auto | ColorChoice::Never => Ink::Plain,
    }
}
