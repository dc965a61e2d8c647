//! The desk as a process of its own, for the tests that kill it: prints its address, serves until interrupted.

use std::io::Write;
use std::process::ExitCode;

use onetrip_desk::{Database, Desk, Options};

const USAGE: &str =
    "onetrip-desk --database PATH|postgres://… [--listen ADDRESS] [--hold-time TIME] [--fault FAULT]…";

fn read_options(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::new(Database::Sqlite("onetrip-desk.sqlite".into()));
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("`{word}` needs a value; {USAGE}"))?;
        let bad = |error: &dyn std::fmt::Display| format!("{word} {value}: {error}");
        match word.as_str() {
            "--database" => options.database = value.parse().map_err(|error| bad(&error))?,
            "--listen" => options.listen = value.parse().map_err(|error| bad(&error))?,
            "--hold-time" => {
                options.hold_time = humantime::parse_duration(&value).map_err(|error| bad(&error))?
            }
            "--fault" => options.faults.push(value.parse().map_err(|error| bad(&error))?),
            _ => return Err(format!("unknown option `{word}`; {USAGE}")),
        }
    }
    Ok(options)
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match read_options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let ready = |address| {
        let mut out = std::io::stdout();
        // Nobody listening to the address line is no reason to stop serving.
        let _ = writeln!(out, "http://{address}").and_then(|()| out.flush());
    };
    match Desk::serve(options, ready).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
