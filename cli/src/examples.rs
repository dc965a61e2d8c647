//! Commands that stand in help texts and documents, found so that tests can parse and run them.

/// The calls of the program among the examples of a help text or a block of code: a line that begins with `onetrip`, with
/// the lines that a backslash joins to it, as words. What two spaces set off behind it is a remark.
pub(crate) fn calls_in_lines(text: &str) -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut whole = line.trim().to_owned();
        if !whole.starts_with("onetrip ") && whole != "onetrip" {
            continue;
        }
        while let Some(joined) = whole.strip_suffix('\\') {
            let next = lines.next().map_or("", str::trim);
            whole = format!("{} {next}", joined.trim_end());
        }
        calls.extend(calls_of(without_remark(&whole)));
    }
    calls
}

/// The calls of the program in a Markdown text: those in its blocks of code, and those between backticks, which may only
/// name a command or an option.
pub(crate) fn calls_in_markdown(text: &str) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let mut calls = Vec::new();
    let mut prose = String::new();
    let mut block: Option<String> = None;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            match block.take() {
                Some(code) => calls.extend(calls_in_lines(&code)),
                None => block = Some(String::new()),
            }
        } else if let Some(code) = &mut block {
            code.push_str(line);
            code.push('\n');
        } else if line.starts_with("    ") {
            calls.extend(calls_in_lines(line));
        } else {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    let spans = prose.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " "));
    (calls, spans.filter(|span| span.starts_with("onetrip ")).flat_map(|span| calls_of(&span)).collect())
}

/// A line of a shell as calls of the program; other programs and what comes after them are left out.
fn calls_of(line: &str) -> Vec<Vec<String>> {
    let words = shlex::split(line).unwrap_or_else(|| panic!("a quote is not closed: {line}"));
    let of_one = |part: &[String]| {
        let call: Vec<String> =
            part.iter().take_while(|word| !["|", ">", "&"].contains(&word.as_str())).cloned().collect();
        (call.first().is_some_and(|program| program == "onetrip")).then_some(call)
    };
    words.split(|word| word == "&&").filter_map(of_one).collect()
}

/// The line up to two spaces that stand outside quotes.
fn without_remark(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, ' ') if before == ' ' && at > 0 => return line[..at].trim_end(),
            _ => {}
        }
        before = c;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn calls_are_found_without_remarks_and_other_programs() {
        let text = "Examples:\n  onetrip run 'a  b' --set \\\n      x=1     a remark\n  onetrip check a.toml && onetrip run \
                    a.toml\n  onetrip run --json | jq '.measures[0]'\n  onetrip show m --toml > m.toml\nonetrips";
        let found = calls_in_lines(text);
        assert_eq!(
            found,
            [
                call(&["onetrip", "run", "a  b", "--set", "x=1"]),
                call(&["onetrip", "check", "a.toml"]),
                call(&["onetrip", "run", "a.toml"]),
                call(&["onetrip", "run", "--json"]),
                call(&["onetrip", "show", "m", "--toml"]),
            ]
        );
    }

    #[test]
    fn calls_are_found_in_blocks_and_between_backticks() {
        let text = "See `onetrip why`.\n\n```\nonetrip run   now\n```\n\n    onetrip desk &\n\n`not onetrip`";
        let (in_blocks, in_prose) = calls_in_markdown(text);
        assert_eq!(in_blocks, [call(&["onetrip", "run"]), call(&["onetrip", "desk"])]);
        assert_eq!(in_prose, [call(&["onetrip", "why"])]);
    }
}
