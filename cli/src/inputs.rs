//! What a command works on: things that come with the program by their name, and files of the person's own.

use crate::console::{Console, said};
use crate::suggestion::{listed, names_near};
use anyhow::{Context, anyhow, bail};
use onetrip_report::words::Language;
use onetrip_scenarios::reader::Document;
use onetrip_scenarios::targets::{self, TargetDocument};
use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::string::FromUtf8Error;

/// Reads a file of the person's own.
///
/// # Errors
/// When it is not there, not to be read, or not UTF-8.
pub(crate) fn read_file(path: &str, console: &Console) -> anyhow::Result<Document> {
    let bytes = bytes_of(path)
        .with_context(|| format!("{} `{path}`", console.say("cannot read the file", "无法读取文件")))?;
    if bytes.len() > MOST_BYTES {
        let mebibytes = MOST_BYTES >> 20;
        bail!(said!(
            console,
            "`{path}` is no file of this program: it is too long; accepted: at most {mebibytes} MiB",
            "`{path}` 过大，不是本程序的文件；最多 {mebibytes} MiB",
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(path, &error, console))?;
    // Editors of Windows put a mark before the text.
    Ok(Document::parse(path, text.strip_prefix('\u{feff}').unwrap_or(&text)))
}

/// Nobody writes more than this by hand; a device or a disk image goes on for ever.
const MOST_BYTES: usize = 16 << 20;

fn bytes_of(path: &str) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What is said of a text in another encoding: where it shows, and how to save it.
fn not_utf8(path: &str, error: &FromUtf8Error, console: &Console) -> anyhow::Error {
    let bytes = error.as_bytes();
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return anyhow!(said!(
            console,
            "`{path}` is UTF-16 text; accepted: the same text saved as UTF-8",
            "`{path}` 为 UTF-16 文本；请另存为 UTF-8 编码",
        ));
    }
    let at = error.utf8_error().valid_up_to();
    let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    anyhow!(said!(
        console,
        "`{path}`, line {line}: not UTF-8 text, from byte {at} on; accepted: the same text saved as UTF-8",
        "`{path}` 第{line}行：不是 UTF-8 文本（自第{at}字节起），可能为 GBK 编码；请另存为 UTF-8 编码",
    ))
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
        return Err(unknown(("target document", "目标文件"), Accepted::NameOrFile, wanted, &known, console));
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

/// What may stand where nothing is called so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Accepted {
    /// One of the names.
    Name,
    /// One of the names, or the path of a file.
    NameOrFile,
}

/// Nothing is called so: says what was meant perhaps, and what there is.
pub(crate) fn unknown(
    what: (&str, &str),
    accepted: Accepted,
    wanted: &str,
    known: &[&str],
    console: &Console,
) -> anyhow::Error {
    let near = names_near(wanted, known);
    let mut text = match console.language {
        Language::Chinese => format!("没有名为 `{wanted}` 的{}", what.1),
        Language::English => format!("no {} is called `{wanted}`", what.0),
    };
    if !near.is_empty() {
        let meant = console.say("did you mean", "是否指");
        text.push_str(&format!("\n  {meant} {}?", listed(&near)));
    }
    let accepted = match accepted {
        Accepted::Name => console.say("accepted: one of", "可用："),
        Accepted::NameOrFile => {
            console.say("accepted: the path of a file, or one of", "可用：文件路径，或以下之一：")
        }
    };
    text.push_str(&format!("\n  {accepted} {}", listed(known)));
    anyhow!(text)
}
