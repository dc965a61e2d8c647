//! What can be typed, with help in two languages.
//!
//! Each help text stands beside its argument, English and Chinese together ([`both`]); the parser is given the half that
//! the person reads.

use crate::commands::Command;
use crate::help::{Examples, told};
use crate::language::of_tag;
use crate::misuse;
use clap::builder::StyledStr;
use clap::{CommandFactory, FromArgMatches, Parser};
use onetrip_report::words::Language;

/// The widest that help is printed.
pub(crate) const MOST_COLUMNS: usize = 110;

/// Options of every command come after those of one.
const LAST: usize = 900;

/// Stands between the two languages of a help text; a character of no script.
const ENGLISH_END: char = '\u{e000}';

/// Simulates what patients live through, so that a hospital sees whether a change reaches its targets.
#[derive(Parser, Debug)]
#[command(
    name = "onetrip",
    version,
    about = both(
        "Simulate what patients live through at a hospital, and hold it against the targets of health policy",
        "模拟患者在医院的就医全过程，并对照卫生政策目标进行评估"
    ),
    after_help = EXAMPLES.in_both(),
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = MOST_COLUMNS,
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[arg(
        long = "lang",
        value_name = "LANGUAGE",
        value_parser = of_tag,
        global = true,
        display_order = LAST,
        help = both(
            "Language of what is said: en or zh [default: that of ONETRIP_LANG, else of the locale]",
            "输出语言：en 或 zh [默认取 ONETRIP_LANG，其次取系统区域设置]"
        )
    )]
    pub(crate) language: Option<Language>,

    #[arg(
        long = "json",
        global = true,
        display_order = LAST,
        help = both("Print results as JSON (remarks go to standard error)", "以 JSON 输出结果（提示信息写入标准错误）")
    )]
    pub(crate) is_json: bool,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        told(
            "onetrip run",
            "a day at a city hospital: waits, queues, targets",
            "模拟一家市级医院的一天：等候、排队、目标",
        ),
        told(
            "onetrip run township --out report",
            "the same for a health centre, as a page to open",
            "模拟乡镇卫生院，并生成可用浏览器打开的报告",
        ),
        told("onetrip scenarios", "what comes with the program", "随程序附带的情景"),
        told(
            "onetrip show hangzhou-2018-12",
            "every number of a scenario, and where it comes from",
            "列出情景中每个数字及其来源",
        ),
        told(
            "onetrip new clinic && onetrip run clinic.toml",
            "a scenario of your own, from a commented start",
            "从带注释的模板新建自己的情景",
        ),
        told("onetrip targets shaoxing-2018", "what an inspection asks for", "一次检查要看哪些项目"),
        told(
            "onetrip why county-2016",
            "what patients wait for; the longest visit by steps",
            "患者因何等候，以及最长一次就诊的逐步经过",
        ),
        told(
            "onetrip compare county-2016 --set registration.windows.count=10",
            "what a change does",
            "一项改动的效果",
        ),
        told(
            "onetrip stress county-2016 --demand 1.0..2.0",
            "how much more demand the hospital bears",
            "医院还能承受多少需求",
        ),
        told("onetrip explain", "what the figures are called, and what each means", "指标清单与含义"),
        told("onetrip validate", "is the engine right on this machine?", "在本机上检验模拟引擎是否正确"),
    ],
    note: Some((
        "`onetrip COMMAND --help` has the options and examples of each command. Exit codes: 0 done; 1 what was \
         required does not hold; 2 bad input; 3 a load test that is void and found nothing violated; 130 stopped by \
         Ctrl-C.",
        "各命令的选项与示例见 `onetrip 命令 --help`。退出码：0 完成；1 所要求的未成立；2 输入有误；3 \
         负载测试无效且未发现违反；130 被 Ctrl-C 中止。",
    )),
};

/// A text in both languages, for [`Arguments::read`] to choose from.
pub(crate) fn both(english: &str, chinese: &str) -> String {
    format!("{english}{ENGLISH_END}{chinese}")
}

impl Arguments {
    /// Reads the arguments of the program. Shows help, or what is wrong with them, and ends the program where they do
    /// not say what to do.
    pub(crate) fn read(language: Language) -> Arguments {
        let mut command = Arguments::parser(language);
        command
            .try_get_matches_from_mut(std::env::args_os())
            .and_then(|matches| {
                Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
            })
            .unwrap_or_else(|error| misuse::tell(&error, language))
    }

    /// The parser, speaking one language.
    pub(crate) fn parser(language: Language) -> clap::Command {
        in_language(Arguments::command(), language)
    }
}

fn in_language(command: clap::Command, language: Language) -> clap::Command {
    let choose = |text: Option<&StyledStr>| text.map(|text| half(&text.to_string(), language));
    let (about, after) = (choose(command.get_about()), choose(command.get_after_help()));
    let mut command = command
        .mut_args(|argument| match choose(argument.get_help()) {
            Some(help) => with_values(argument, help, language),
            None => argument,
        })
        .mut_subcommands(|inner| in_language(inner, language));
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    match language {
        Language::English => command,
        Language::Chinese => in_chinese(command),
    }
}

/// An argument with its help and, in one line with it, the values that it can have and the one that it has by itself.
fn with_values(argument: clap::Arg, mut help: String, language: Language) -> clap::Arg {
    if !argument.get_action().takes_values() {
        return argument.help(help);
    }
    // So that `--days -3` is told what days are accepted, and not that there is no option `-3`.
    let argument = argument.allow_negative_numbers(true);
    let values: Vec<String> =
        argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if !values.is_empty() {
        help.push_str(&match language {
            Language::English => format!(" [possible values: {}]", values.join(", ")),
            Language::Chinese => format!(" [可用：{}]", values.join("、")),
        });
    }
    let usual: Vec<String> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if !usual.is_empty() {
        help.push_str(&match language {
            Language::English => format!(" [default: {}]", usual.join(" ")),
            Language::Chinese => format!(" [默认 {}]", usual.join(" ")),
        });
    }
    argument.help(help).hide_possible_values(true).hide_default_value(true)
}

/// The headings of the parser's own, in Chinese.
fn in_chinese(command: clap::Command) -> clap::Command {
    let has_commands = command.has_subcommands();
    let has_positionals = command.get_positionals().next().is_some();
    let mut template = "{about-with-newline}\n用法：{usage}\n".to_owned();
    if has_commands {
        template.push_str("\n命令：\n{subcommands}\n");
    }
    if has_positionals {
        template.push_str("\n参数：\n{positionals}\n");
    }
    template.push_str("\n选项：\n{options}{after-help}");
    let flag = |name: &'static str, short: char, action: clap::ArgAction, help: &'static str| {
        clap::Arg::new(name).short(short).long(name).action(action).display_order(LAST).help(help)
    };
    let has_version = command.get_version().is_some();
    // Lines are broken when they are shown, [`crate::wrapping`].
    let command = command.term_width(0).help_template(template).disable_help_flag(true).arg(flag(
        "help",
        'h',
        clap::ArgAction::Help,
        "显示帮助",
    ));
    if !has_version {
        return command;
    }
    command.disable_version_flag(true).arg(flag("version", 'V', clap::ArgAction::Version, "显示版本"))
}

fn half(text: &str, language: Language) -> String {
    let (english, chinese) = text.split_once(ENGLISH_END).unwrap_or((text, text));
    language.pick(english, chinese).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::{calls_in_lines, calls_in_markdown};
    use clap::error::ErrorKind;
    use std::path::{Path, PathBuf};

    fn every_command(command: &clap::Command) -> Vec<&clap::Command> {
        let mut all = vec![command];
        command.get_subcommands().for_each(|inner| all.extend(every_command(inner)));
        all
    }

    #[test]
    fn the_parser_is_sound_in_both_languages() {
        Arguments::parser(Language::English).debug_assert();
        Arguments::parser(Language::Chinese).debug_assert();
    }

    #[test]
    fn examples_are_narrow_enough_not_to_be_torn() {
        for command in every_command(&Arguments::command()) {
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let (english, _) = after.split_once(ENGLISH_END).unwrap_or_default();
            for line in english.lines().filter(|line| line.starts_with(' ')) {
                assert!(line.chars().count() <= 100, "`{}`: {line}", command.get_name());
            }
        }
    }

    /// What the parser has against a call.
    fn refusal(call: &[String], language: Language) -> Option<clap::Error> {
        let mut parser = Arguments::parser(language);
        let matches = parser.try_get_matches_from_mut(call);
        matches.and_then(|matches| Arguments::from_arg_matches(&matches)).err()
    }

    fn said(call: &[String], refusal: &clap::Error) -> String {
        let text = refusal.to_string();
        format!("{}: {}", call.join(" "), text.lines().next().unwrap_or_default())
    }

    #[test]
    fn every_example_of_the_help_is_understood() {
        let parser = Arguments::command();
        for language in Language::ALL {
            let mut calls = Vec::new();
            for command in every_command(&parser) {
                let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                let found = calls_in_lines(&half(&after, language));
                assert!(!found.is_empty(), "`{}` shows no call", command.get_name());
                calls.extend(found);
            }
            assert!(calls.len() >= 60, "{} calls", calls.len());
            let refused = calls.iter().filter_map(|call| Some(said(call, &refusal(call, language)?)));
            let refused: Vec<String> = refused.collect();
            assert!(refused.is_empty(), "{}", refused.join("\n"));
        }
    }

    #[test]
    fn every_call_in_the_documents_is_understood() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folders = [root.clone(), root.join("docs"), root.join("docs/scenarios"), root.join("bench")];
        let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
        let mut documents: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        documents.retain(|file| file.extension().is_some_and(|ending| ending == "md"));
        // An ellipsis stands for what the reader puts there.
        let is_whole = |call: &Vec<String>| !call.iter().any(|word| word.contains('…'));
        // Prose speaks of commands and options without all that goes with them.
        let is_unknown = |refusal: &clap::Error| {
            matches!(refusal.kind(), ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand)
        };
        let mut refused = Vec::new();
        let mut count = 0;
        for document in &documents {
            let text = std::fs::read_to_string(document).unwrap();
            let (in_blocks, in_prose) = calls_in_markdown(&text);
            let is_readme = document.parent() == Some(&root) && document.ends_with("README.md");
            let calls = in_blocks
                .iter()
                .map(|call| (call, true))
                .chain(in_prose.iter().map(|call| (call, is_readme)));
            for (call, is_complete) in calls.filter(|(call, _)| is_whole(call)) {
                count += 1;
                let wrong = refusal(call, Language::English).filter(|error| is_complete || is_unknown(error));
                refused.extend(wrong.map(|error| format!("{}: {}", document.display(), said(call, &error))));
            }
        }
        assert!(refused.is_empty(), "{}", refused.join("\n"));
        assert!(documents.len() >= 15 && count >= 60, "{count} calls in {} documents", documents.len());
    }

    #[test]
    fn every_command_and_argument_has_help_in_both_languages() {
        let parser = Arguments::command();
        for command in every_command(&parser) {
            let name = command.get_name();
            let has_both =
                |text: Option<&StyledStr>| text.is_some_and(|text| text.to_string().contains(ENGLISH_END));
            assert!(has_both(command.get_about()), "`{name}` has no help in both languages");
            assert!(has_both(command.get_after_help()), "`{name}` shows no examples");
            for argument in command.get_arguments().filter(|one| one.get_help().is_some()) {
                assert!(
                    has_both(argument.get_help()),
                    "`{name}`: `{}` has help in one language",
                    argument.get_id()
                );
            }
            let silent = command.get_arguments().find(|one| {
                one.get_help().is_none() && !["help", "version"].contains(&one.get_id().as_str())
            });
            assert!(silent.is_none(), "`{name}`: {silent:?} has no help");
        }
    }
}
