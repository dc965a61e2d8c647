//! The language a person is spoken to in: the one asked for, else that of the environment.

use onetrip_report::words::Language;
use std::ffi::OsString;

/// The language of a tag, as `--lang` takes it.
///
/// # Errors
/// What would be accepted.
pub(crate) fn of_tag(tag: &str) -> Result<Language, String> {
    let known = Language::ALL.into_iter().find(|language| language.tag() == tag);
    known.ok_or_else(|| "accepted: en or zh".to_owned())
}

/// The language asked for by the arguments, else by the environment. Read before the arguments are parsed, because
/// the help of the parser is in this language too.
pub(crate) fn wanted(arguments: impl Iterator<Item = OsString>) -> Language {
    let arguments: Vec<String> = arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
    let joined = arguments.iter().find_map(|argument| argument.strip_prefix("--lang="));
    let apart = arguments
        .iter()
        .position(|argument| argument == "--lang")
        .and_then(|at| arguments.get(at + 1))
        .map(String::as_str);
    match joined.or(apart) {
        Some("zh") => Language::Chinese,
        Some(_) => Language::English,
        None => of_environment(|name| std::env::var(name).ok()),
    }
}

/// `ONETRIP_LANG` decides, else the locale in the order in which POSIX asks it.
fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Language {
    let is_said = |value: &String| !value.is_empty();
    let locale =
        ["ONETRIP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(is_said);
    if locale.is_some_and(|locale| locale.starts_with("zh")) { Language::Chinese } else { Language::English }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Language {
        let variables: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        of_environment(|name| {
            variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        })
    }

    #[test]
    fn the_locale_decides_when_nothing_else_does() {
        assert_eq!(of(&[]), Language::English);
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8")]), Language::Chinese);
        assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]), Language::English);
        assert_eq!(of(&[("LC_ALL", ""), ("LANG", "zh_CN.UTF-8")]), Language::Chinese);
        assert_eq!(of(&[("ONETRIP_LANG", "en"), ("LANG", "zh_CN.UTF-8")]), Language::English);
    }

    #[test]
    fn the_flag_goes_before_the_environment() {
        let wanted = |arguments: &[&str]| wanted(arguments.iter().map(OsString::from));
        assert_eq!(wanted(&["run", "--lang", "zh"]), Language::Chinese);
        assert_eq!(wanted(&["--lang=zh", "run"]), Language::Chinese);
        assert_eq!(wanted(&["--lang", "en"]), Language::English);
    }
}
