//! What can be typed next, for shells that ask: the script of `onetrip completions` calls the program at every Tab.

use crate::arguments::Arguments;
use clap::Arg;
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter};
use onetrip_load::journey;
use onetrip_report::words::Language;
use onetrip_scenarios::load;
use onetrip_scenarios::{library, targets};
use std::ffi::OsStr;

/// The variable by which a shell asks.
pub(crate) const VARIABLE: &str = "ONETRIP_COMPLETE";

/// Answers a shell and ends the program, when it is a shell that asks.
pub(crate) fn answer(language: Language) {
    CompleteEnv::with_factory(|| parser(language)).var(VARIABLE).complete();
}

fn parser(language: Language) -> clap::Command {
    with_candidates(Arguments::parser(language), language)
}

fn with_candidates(command: clap::Command, language: Language) -> clap::Command {
    command
        .mut_args(|argument| match completer(&argument, language) {
            Some(completer) => argument.add(completer),
            None => argument,
        })
        .mut_subcommands(|inner| with_candidates(inner, language))
}

/// What may stand for an argument, by the word that stands for it in the help.
fn completer(argument: &Arg, language: Language) -> Option<ArgValueCompleter> {
    if !argument.get_action().takes_values() || !argument.get_possible_values().is_empty() {
        return None;
    }
    let word = match argument.get_value_names() {
        Some([first, ..]) => first.to_string(),
        _ => argument.get_id().as_str().to_uppercase(),
    };
    let name_or_file = |names: fn(Language) -> Vec<CompletionCandidate>| {
        ArgValueCompleter::new(move |typed: &OsStr| {
            let mut found = beginning_with(names(language), typed);
            found.extend(PathCompleter::file().filter(is_toml).complete(typed));
            found
        })
    };
    match word.as_str() {
        "SCENARIO" | "BASE" | "ALTERNATIVE" => Some(name_or_file(scenarios)),
        "DOC" => Some(name_or_file(documents)),
        "JOURNEY" => Some(name_or_file(journeys)),
        "MEASURE" | "ID" | "ID,ID…" => {
            Some(ArgValueCompleter::new(move |typed: &OsStr| beginning_with(measures(language), typed)))
        }
        "FILE" | "LOG" => Some(ArgValueCompleter::new(PathCompleter::file())),
        "DIR" => Some(ArgValueCompleter::new(PathCompleter::dir())),
        "LANGUAGE" => Some(ArgValueCompleter::new(move |typed: &OsStr| {
            let of = |one: Language| candidate(one.tag(), one.pick("English", "中文"));
            beginning_with(Language::ALL.map(of).into(), typed)
        })),
        _ => None,
    }
}

fn is_toml(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|ending| ending == "toml")
}

fn beginning_with(candidates: Vec<CompletionCandidate>, typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let fits = |one: &CompletionCandidate| one.get_value().to_string_lossy().starts_with(&*typed);
    candidates.into_iter().filter(fits).collect()
}

fn candidate(value: &str, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(help.to_owned().into()))
}

fn scenarios(language: Language) -> Vec<CompletionCandidate> {
    let one = |embedded: &library::Embedded| {
        let title = embedded.title();
        candidate(embedded.name, language.pick(&title.en, &title.zh))
    };
    library::all().iter().map(one).collect()
}

fn documents(language: Language) -> Vec<CompletionCandidate> {
    let documents = targets::documents().iter();
    documents.map(|one| candidate(&one.id, language.pick(&one.title.en, &one.title.zh))).collect()
}

fn journeys(_language: Language) -> Vec<CompletionCandidate> {
    journey::shipped().iter().map(|shipped| CompletionCandidate::new(shipped.name)).collect()
}

/// Measures of the default scenario.
fn measures(language: Language) -> Vec<CompletionCandidate> {
    let scenario = library::find(crate::scenario::DEFAULT).map(|embedded| load::load(embedded.document()));
    let system = match scenario {
        Some(Ok(reading)) => crate::scenario::compile(&reading.value),
        _ => return Vec::new(),
    };
    let measures = system.iter().flat_map(|system| system.measures());
    measures.map(|one| candidate(&one.id, language.pick(&one.title.en, &one.title.zh))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("clinic.toml"), "").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "").unwrap();
        let mut parser = parser(Language::English);
        let line: Vec<_> = std::iter::once("onetrip").chain(words.iter().copied()).map(Into::into).collect();
        let at = line.len() - 1;
        let found = clap_complete::engine::complete(&mut parser, line, at, Some(folder.path())).unwrap();
        found.iter().map(|one| one.get_value().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn names_that_come_with_the_program_are_offered() {
        assert_eq!(typed(&["run", "county"]), ["county-2016"]);
        assert_eq!(typed(&["compare", "kiosks-5", "kiosks-"]), ["kiosks-5", "kiosks-6", "kiosks-7"]);
        assert_eq!(typed(&["run", "--targets", "ningbo"]), ["ningbo-2016"]);
        assert_eq!(typed(&["load", "run", "--journey", "fhir-n"]), ["fhir-naive"]);
        assert_eq!(typed(&["stress", "--lang", ""]), ["en", "zh"]);
        let measures = typed(&["explain", "visits.sojourn_time.m"]);
        assert_eq!(measures, ["visits.sojourn_time.mean", "visits.sojourn_time.max"]);
        assert_eq!(typed(&["schema", "hosp"]), ["hospital"]);
    }
}
