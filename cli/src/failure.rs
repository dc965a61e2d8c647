//! How a command ends: with which exit code, and with which words when it could not do its work.

use crate::console::Console;
use onetrip_report::words::Language;
use onetrip_scenarios::reader::Diagnostics;
use std::fmt;
use std::io;
use std::process::ExitCode;

/// How a command that did its work ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// Done.
    Done,
    /// Done, and what was asked to hold does not.
    DoesNotHold,
    /// Done, and the figures are worth nothing.
    Void,
    /// Done as far as it had come when the person stopped it.
    Stopped,
}

const DOES_NOT_HOLD: u8 = 1;
const BAD_INPUT: u8 = 2;
const VOID: u8 = 3;
const INTERRUPTED: u8 = 130;

impl Outcome {
    pub(crate) fn exit_code(self) -> ExitCode {
        match self {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::DoesNotHold => ExitCode::from(DOES_NOT_HOLD),
            Outcome::Void => ExitCode::from(VOID),
            Outcome::Stopped => ExitCode::from(INTERRUPTED),
        }
    }
}

/// The person stopped the work before any of it was finished.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped before anything was finished")
    }
}

impl std::error::Error for Interrupted {}

/// Tells the person why the command could not do its work, and gives the exit code. A reader that has seen enough and
/// closed the pipe is a normal end.
pub(crate) fn tell(failure: &anyhow::Error, console: &Console) -> ExitCode {
    if is_closed_pipe(failure) {
        return ExitCode::SUCCESS;
    }
    if failure.is::<Interrupted>() {
        console.remark(console.say("stopped before anything was finished", "已中断，尚无任何结果"));
        return ExitCode::from(INTERRUPTED);
    }
    match failure.downcast_ref::<Diagnostics>() {
        Some(mistakes) => {
            console.remark_findings(mistakes);
            console.remark(&how_many(mistakes, console));
        }
        None => console.remark(&format!("{}{}", console.say("error: ", "错误："), with_causes(failure))),
    }
    ExitCode::from(BAD_INPUT)
}

/// What went wrong and why, each cause once: many errors quote theirs already.
fn with_causes(failure: &anyhow::Error) -> String {
    failure.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        text if text.ends_with(&cause) => said,
        text => format!("{text}: {cause}"),
    })
}

fn how_many(mistakes: &Diagnostics, console: &Console) -> String {
    match (console.language, mistakes.len()) {
        (Language::Chinese, count) => format!("\n共{count}处问题（逐条说明为英文）"),
        (Language::English, 1) => "\n1 finding".to_owned(),
        (Language::English, count) => format!("\n{count} findings"),
    }
}

fn is_closed_pipe(failure: &anyhow::Error) -> bool {
    failure.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;
    use onetrip_report::event_log::EventLogError;

    #[test]
    fn a_cause_is_said_once_whether_it_is_quoted_or_not() {
        let quoting = EventLogError { path: "a.xes".into(), source: io::Error::other("no room") };
        let failure = Err::<(), _>(quoting).context("`township`").expect_err("it failed");
        assert_eq!(with_causes(&failure), "`township`: event log `a.xes`: no room");
    }
}
