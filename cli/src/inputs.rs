//! What a command works on: things that come with the program by their name, and files of the person's own.

use crate::console::Console;
use crate::suggestion::{listed, names_near};
use anyhow::{Context, anyhow};
use onetrip_scenarios::reader::Document;
use onetrip_scenarios::targets::{self, TargetDocument};
use std::borrow::Cow;
use std::path::Path;

/// Reads a file of the person's own.
///
/// # Errors
/// When it is not there, not to be read, or not UTF-8.
pub(crate) fn read_file(path: &str, console: &Console) -> anyhow::Result<Document> {
    let bytes = std::fs::read(path)
        .with_context(|| format!("{} `{path}`", console.say("cannot read the file", "无法读取文件")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let said =
            console.say("the file is not UTF-8 text, from byte", "文件不是 UTF-8 文本，出错位置（字节）");
        anyhow!("`{path}`: {said} {at}")
    })?;
    // Editors of Windows put a mark before the text.
    let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
    Ok(Document::parse(path, text))
}

/// The target document of this name, or in this file.
///
/// # Errors
/// When nothing is called so, or the file is not to be used.
pub(crate) fn target_document(
    wanted: &str,
    console: &Console,
) -> anyhow::Result<Cow<'static, TargetDocument>> {
    if let Some(document) = targets::document(wanted) {
        return Ok(Cow::Borrowed(document));
    }
    if !is_path(wanted) {
        let known: Vec<&str> = targets::documents().iter().map(|document| document.id.as_str()).collect();
        return Err(unknown(("target document", "目标文件"), wanted, &known, console));
    }
    let reading = targets::read_document(read_file(wanted, console)?)?;
    console.remark_findings(&reading.warnings);
    Ok(Cow::Owned(reading.value))
}

/// Whether a text means a file rather than a name: it ends or is divided as a path is, or such a file is there.
pub(crate) fn is_path(wanted: &str) -> bool {
    let looks_so = wanted.ends_with(".toml") || wanted.contains(['/', '\\']);
    looks_so || Path::new(wanted).is_file()
}

/// Nothing is called so: says what was meant perhaps, and what there is.
pub(crate) fn unknown(what: (&str, &str), wanted: &str, known: &[&str], console: &Console) -> anyhow::Error {
    let near = names_near(wanted, known);
    let mut text = match console.say("en", "zh") {
        "zh" => format!("没有名为 `{wanted}` 的{}", what.1),
        _ => format!("no {} is called `{wanted}`", what.0),
    };
    if !near.is_empty() {
        let meant = console.say("did you mean", "是否指");
        text.push_str(&format!("\n  {meant} {}?", listed(&near)));
    }
    let accepted = console.say("accepted: the path of a file, or one of", "可用：文件路径，或以下之一：");
    text.push_str(&format!("\n  {accepted} {}", listed(known)));
    anyhow!(text)
}
