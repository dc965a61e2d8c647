//! Help, versions, languages, colours and shells.

use crate::program::{ended, onetrip, program, says};

#[test]
fn help_teaches_with_examples() {
    let text = onetrip(&["--help"]).done();
    says(&text, &["Commands:", "run", "scenarios", "validate", "Examples:", "onetrip run", "Exit codes"]);
    let text = onetrip(&["run", "--help"]).done();
    says(&text, &["--set", "--replications", "--precision", "--rng-seed", "Examples:"]);
}

#[test]
fn without_a_command_the_help_is_shown_as_bad_input() {
    onetrip(&[]).refused(&["Usage: onetrip", "Examples:"]);
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(onetrip(&["--version"]).done(), concat!("onetrip ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn everything_is_said_in_chinese_when_asked() {
    says(
        &onetrip(&["--help", "--lang", "zh"]).done(),
        &["用法：onetrip", "命令：", "模拟情景", "选项：", "显示版本", "示例："],
    );
    let help = onetrip(&["stress", "--help", "--lang", "zh"]).done();
    says(&help, &["[可用：finish、hand-over]", "[默认 finish]"]);
    assert!(!help.contains("default:") && !help.contains("ossible values"), "{help}");
    onetrip(&["stress", "--replicatons", "3", "--lang", "zh"])
        .refused(&["没有参数 `--replicatons`", "是否指"]);
    says(&onetrip(&["show", "mm1-pharmacy", "--lang", "zh"]).done(), &["一名药师"]);
    says(&onetrip(&["--lang", "zh", "run", "mm1-pharmacy"]).done(), &["驾车取药窗口", "置信区间", "平均"]);
    says(
        &onetrip(&["targets", "shaoxing-2018", "--lang=zh"]).done(),
        &["少排队", "分钟", "shaoxing-2018/31"],
    );
    onetrip(&["run", "mm1-pharmcy", "--lang", "zh"]).refused(&[
        "错误",
        "没有名为 `mm1-pharmcy` 的情景",
        "是否指",
    ]);
    onetrip(&["run", "--lang", "fr"]).refused(&["en or zh"]);
}

#[test]
fn the_environment_decides_the_language_when_nobody_says() {
    let with = |variable: &str, value: &str, arguments: &[&str]| {
        ended(program(arguments).env(variable, value).output().unwrap()).done()
    };
    says(&with("ONETRIP_LANG", "zh", &["scenarios"]), &["情景"]);
    says(&with("LANG", "zh_CN.UTF-8", &["scenarios"]), &["情景"]);
    says(&with("LANG", "zh_CN.UTF-8", &["scenarios", "--lang", "en"]), &["scenario"]);
}

#[test]
fn colours_are_for_terminals_unless_forced() {
    let forced = ended(program(&["run", "mm1-pharmacy"]).env("CLICOLOR_FORCE", "1").output().unwrap()).done();
    assert!(forced.contains('\u{1b}'));
    let plain =
        program(&["run", "mm1-pharmacy"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().unwrap();
    assert!(!ended(plain).done().contains('\u{1b}'));
}

#[test]
fn every_shell_has_its_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        says(&onetrip(&["completions", shell]).done(), &["onetrip"]);
    }
    onetrip(&["completions", "tcsh"]).refused(&["tcsh", "possible values"]);
}

#[cfg(target_os = "linux")]
#[test]
fn where_nothing_can_be_written_nothing_panics() {
    let into = |device: &str, arguments: &[&str]| {
        let full = std::fs::OpenOptions::new().write(true).open(device).unwrap();
        ended(program(arguments).stdout(full).output().unwrap())
    };
    for language in ["en", "zh"] {
        let help = into("/dev/full", &["run", "--help", "--lang", language]);
        assert_eq!(help.code, Some(0), "{}", help.remarks);
    }
    let listed = into("/dev/full", &["scenarios"]);
    assert_eq!(listed.code, Some(2));
    says(&listed.remarks, &["error: standard output: "]);
}

/// Nothing that is typed is read and then not used.
#[test]
fn arguments_that_would_change_nothing_are_refused_in_both_languages() {
    let demand = ["stress", "county-2016", "--demand", "1.0..1.2"];
    let flu = ["stress", "county-2016", "--flu"];
    let region = ["run", "china-day"];
    let kiosks = ["run", "kiosks-5"];
    let inspect = ["inspect", "county-2016", "--no-search"];
    let cases: [(&[&str], &[&str]); 15] = [
        (&demand, &["--replications", "9"]),
        (&demand, &["--from", "09:00"]),
        (&demand, &["--to", "11:00"]),
        (&demand, &["--work-in-hand", "hand-over"]),
        (&flu, &["--step", "10%"]),
        (&flu, &["--tolerance", "1%"]),
        (&flu, &["--at-most", "100"]),
        (&flu, &["--time-limit", "9 s"]),
        (&flu, &["--from", "09:00", "--to", "11:00"]),
        (&flu, &["--work-in-hand", "hand-over"]),
        (&region, &["--replications", "9"]),
        (&region, &["--days", "2"]),
        (&region, &["--at-most", "9"]),
        (&kiosks, &["--replications", "9", "--at-most", "100"]),
        (&inspect, &["--cost", "kiosk=1"]),
    ];
    for (command, unused) in cases {
        let words: Vec<&str> = command.iter().chain(unused).copied().collect();
        onetrip(&words).refused(&[unused[0]]);
        let in_chinese: Vec<&str> = words.iter().copied().chain(["--lang", "zh"]).collect();
        onetrip(&in_chinese).refused(&["错误", unused[0]]);
    }
}
