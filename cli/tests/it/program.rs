//! Running the program and looking at what it said.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// How a call of the program ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) remarks: String,
}

/// The program with these arguments, in English unless they say otherwise.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onetrip"));
    command.args(arguments);
    for variable in ["ONETRIP_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "CLICOLOR_FORCE", "NO_COLOR"] {
        command.env_remove(variable);
    }
    command
}

/// Calls the program.
pub(crate) fn onetrip(arguments: &[&str]) -> Ended {
    ended(program(arguments).output().unwrap())
}

/// Calls the program in a folder.
pub(crate) fn onetrip_in(folder: &Path, arguments: &[&str]) -> Ended {
    ended(program(arguments).current_dir(folder).output().unwrap())
}

pub(crate) fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        remarks: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ended {
    /// What was printed, after it all went well.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.remarks);
        self.out
    }

    /// What was printed, as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.done()).unwrap()
    }

    /// Refused as bad input: nothing printed, exit code 2, and everything that helps said.
    #[track_caller]
    pub(crate) fn refused(self, said: &[&str]) {
        assert_eq!(self.code, Some(2), "{}{}", self.out, self.remarks);
        assert_eq!(self.out, "");
        for part in said {
            assert!(self.remarks.contains(part), "`{part}` is not said:\n{}", self.remarks);
        }
    }
}

/// Whether every part is said, in this order.
#[track_caller]
pub(crate) fn says(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            panic!("`{part}` is not said (after what comes before it):\n{text}");
        };
        rest = after;
    }
}
