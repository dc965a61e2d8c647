//! A command line that cannot be followed: what is wrong with it, in the person's language.

use crate::arguments::MOST_COLUMNS;
use crate::console::{width_of_terminal, write_out};
use crate::values::Unaccepted;
use crate::wrapping::wrapped;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use onetrip_report::words::Language;
use std::error::Error;
use std::io::Write;
use std::num::{ParseFloatError, ParseIntError};

/// Says what is wrong, or shows the help or the version that was asked for, and ends the program.
pub(crate) fn tell(error: &clap::Error, language: Language) -> ! {
    let text = match language {
        Language::English => in_english(error),
        Language::Chinese => in_chinese(error),
    };
    match text {
        Some(text) => {
            eprintln!("{text}");
            std::process::exit(error.exit_code())
        }
        None if language == Language::Chinese => show_wrapped(error),
        None => error.exit(),
    }
}

/// Shows the help or the version, its lines broken by the columns that Chinese takes. As with the parser's own, it is
/// nobody's concern where nobody reads it to its end.
fn show_wrapped(error: &clap::Error) -> ! {
    let text = wrapped(&error.render().ansi().to_string(), width_of_terminal().min(MOST_COLUMNS));
    let _ = if error.use_stderr() { write!(anstream::stderr(), "{text}") } else { write_out(&text) };
    std::process::exit(error.exit_code())
}

/// What is wrong with a value, for which the parser has no words that help; nothing for all that it says well.
fn in_english(error: &clap::Error) -> Option<String> {
    let accepted = accepted_value(error, Language::English)?;
    let [argument, value] =
        [ContextKind::InvalidArg, ContextKind::InvalidValue].map(|kind| error.get(kind).map(words));
    Some(format!(
        "error: `{}` does not accept `{}`; accepted: {accepted}\n\nFor more information, try '--help'.",
        argument?, value?
    ))
}

/// Which values an argument takes, when it was given something else.
fn accepted_value(error: &clap::Error, language: Language) -> Option<String> {
    if error.kind() != ErrorKind::ValueValidation {
        return None;
    }
    let source = error.source()?;
    if let Some(unaccepted) = source.downcast_ref::<Unaccepted>() {
        return Some(unaccepted.accepted(language).to_owned());
    }
    let is_negative = || matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.starts_with('-'));
    if source.is::<ParseIntError>() && is_negative() {
        return Some(language.pick("a whole number from 0 on", "不小于 0 的整数").to_owned());
    }
    if source.is::<ParseIntError>() {
        return Some(language.pick("a whole number, such as 20", "整数，如 20").to_owned());
    }
    if source.is::<ParseFloatError>() {
        return Some(language.pick("a number, such as 1.5", "数字，如 1.5").to_owned());
    }
    let text = source.to_string();
    let (_, range) = text.split_once(" is not in ")?;
    let (least, most) = range.split_once("..=")?;
    Some(match language {
        Language::English => format!("a whole number from {least} to {most}"),
        Language::Chinese => format!("{least} 至 {most} 的整数"),
    })
}

/// What is wrong, in Chinese; nothing where the parser says nothing of its own, as for the help.
fn in_chinese(error: &clap::Error) -> Option<String> {
    let said = |kind| error.get(kind).map(words).unwrap_or_default();
    let argument = said(ContextKind::InvalidArg);
    let mut text = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有参数 `{argument}`"),
        ErrorKind::InvalidSubcommand => format!("没有命令 `{}`", said(ContextKind::InvalidSubcommand)),
        ErrorKind::InvalidValue if said(ContextKind::InvalidValue).is_empty() => {
            format!("`{argument}` 缺少取值")
        }
        ErrorKind::InvalidValue => {
            format!("`{argument}` 不接受 `{}`", said(ContextKind::InvalidValue))
        }
        ErrorKind::ValueValidation => {
            let why = match accepted_value(error, Language::Chinese) {
                Some(accepted) => format!("；可用：{accepted}"),
                None => error.source().map_or_else(String::new, |source| format!("：{source}")),
            };
            format!("`{argument}` 不接受 `{}`{why}", said(ContextKind::InvalidValue))
        }
        ErrorKind::ArgumentConflict => match said(ContextKind::PriorArg) {
            other if other == argument => format!("`{argument}` 只能给出一次"),
            other => format!("`{argument}` 不能与 `{other}` 同时使用"),
        },
        ErrorKind::MissingRequiredArgument => format!("缺少参数 `{argument}`"),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("`{argument}` 的取值个数不对")
        }
        ErrorKind::NoEquals => format!("`{argument}` 的取值须写在 = 之后"),
        ErrorKind::InvalidUtf8 => "参数不是 UTF-8 文本".to_owned(),
        _ => return None,
    };
    text.insert_str(0, "错误：");
    let nearest = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    for near in nearest.map(said).iter().filter(|near| !near.is_empty()) {
        text.push_str(&format!("\n  是否指 `{near}`？"));
    }
    for known in [ContextKind::ValidValue, ContextKind::ValidSubcommand].map(said) {
        if !known.is_empty() {
            text.push_str(&format!("\n  可用：{known}"));
        }
    }
    let usage = said(ContextKind::Usage);
    if let Some(usage) = usage.trim().strip_prefix("Usage: ") {
        text.push_str(&format!("\n\n用法：{usage}"));
    }
    Some(text + "\n\n详见 `--help`。")
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(all) => all.join("、"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;

    fn said(line: &[&str]) -> String {
        let error = Arguments::parser(Language::Chinese)
            .try_get_matches_from(std::iter::once(&"onetrip").chain(line))
            .expect_err("it cannot be followed");
        in_chinese(&error).unwrap_or_default()
    }

    #[test]
    fn mistakes_are_said_in_chinese() {
        let unknown = said(&["run", "--replicatons", "3"]);
        assert!(unknown.starts_with("错误：没有参数 `--replicatons`"), "{unknown}");
        assert!(unknown.contains("是否指 `--replications`？\n\n用法：onetrip run"), "{unknown}");
        assert!(said(&["rum"]).contains("没有命令 `rum`\n  是否指 `run`"));
        assert!(
            said(&["schema", "hospitl"])
                .contains("不接受 `hospitl`\n  是否指 `hospital`？\n  可用：hospital、")
        );
        let number = said(&["run", "--replications", "0"]);
        assert!(number.contains("`--replications <N>` 不接受 `0`；可用：1 至 4294967295 的整数"), "{number}");
        assert!(said(&["run", "--replications"]).contains("`--replications <N>` 缺少取值"));
        let late = said(&["load", "plan", "--journey", "desk", "--from", "26:00"]);
        assert!(late.contains("`--from <TIME>` 不接受 `26:00`；可用：00:00 至 24:00 的时刻"), "{late}");
        let both = said(&["run", "--replications", "3", "--precision", "5%"]);
        assert!(both.contains("不能与 `--precision <P>` 同时使用"), "{both}");
        assert!(said(&["size", "--find", "a"]).contains("缺少参数 `--until <CONDITION>`"));
    }

    #[test]
    fn what_is_no_number_is_told_which_numbers_are_accepted() {
        let said = |value: &str| {
            let line = ["onetrip", "run", "--days", value];
            let error = Arguments::parser(Language::English).try_get_matches_from(line).unwrap_err();
            in_english(&error).unwrap_or_default()
        };
        let range = "`--days <N>` does not accept `-3`; accepted: a whole number from 1 to 4294967295";
        assert!(said("-3").contains(range), "{}", said("-3"));
        let line = ["onetrip", "run", "--rng-seed", "-1"];
        let error = Arguments::parser(Language::English).try_get_matches_from(line).unwrap_err();
        assert!(in_english(&error).unwrap_or_default().contains("accepted: a whole number from 0 on"));
        assert!(said("1e3").contains("does not accept `1e3`; accepted: a whole number, such as 20"));
        assert!(said("99999999999999999999").contains("accepted: a whole number"));
    }

    #[test]
    fn help_is_no_mistake() {
        assert_eq!(said(&["run", "--help"]), "");
        assert_eq!(said(&["--version"]), "");
    }
}
