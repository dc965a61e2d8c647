//! Lines of prose broken where the terminal ends, by the columns that letters take: Chinese has no spaces to break at, and
//! the parser breaks at nothing else.

use unicode_width::UnicodeWidthChar;

/// Signs that begin no line.
const NEVER_FIRST: &str = "，。；：、！？）」”’》…,.;:!?)]";
/// Signs that end no line.
const NEVER_LAST: &str = "（「“‘《([";

/// The text with lines of at most so many columns, where they can be broken. What goes on stands under the beginning of the
/// last column of the line: the explanation of an option or an example. Escape sequences take no room.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    let lines: Vec<String> = text.lines().map(|line| wrapped_line(line, width)).collect();
    let end = if text.ends_with('\n') { "\n" } else { "" };
    lines.join("\n") + end
}

fn wrapped_line(line: &str, width: usize) -> String {
    let pieces = pieces(line);
    let indent = hanging_indent(&pieces).filter(|indent| indent + 20 <= width).unwrap_or(0);
    let mut wrapped = String::with_capacity(line.len());
    let (mut column, mut spaces) = (0, 0);
    for piece in pieces {
        if piece.text == " " {
            spaces += 1;
            continue;
        }
        if column > indent && column + spaces + piece.width > width {
            wrapped.push('\n');
            wrapped.push_str(&" ".repeat(indent));
            (column, spaces) = (indent, 0);
        }
        wrapped.push_str(&" ".repeat(spaces));
        wrapped.push_str(piece.text);
        column += spaces + piece.width;
        spaces = 0;
    }
    wrapped
}

/// What must stand in one line: a word, a wide letter with the signs that cling to it, or one space.
struct Piece<'a> {
    text: &'a str,
    width: usize,
}

fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut width, mut is_escape) = (0, 0, false);
    let mut letters = line.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        is_escape |= letter == '\u{1b}';
        width += if is_escape { 0 } else { letter.width().unwrap_or(0) };
        let end = at + letter.len_utf8();
        let next = letters.peek().map(|(_, next)| *next);
        let may_end = !is_escape && next.is_none_or(|next| parts(letter, next));
        is_escape &= letter != 'm';
        if may_end || next.is_none() {
            pieces.push(Piece { text: &line[start..end], width });
            (start, width) = (end, 0);
        }
    }
    pieces
}

/// Whether a line may be broken between two letters.
fn parts(before: char, after: char) -> bool {
    if before == ' ' || after == ' ' {
        return true;
    }
    let is_wide = |letter: char| letter.width() == Some(2);
    (is_wide(before) || is_wide(after)) && !NEVER_LAST.contains(before) && !NEVER_FIRST.contains(after)
}

/// Where the explanation begins: behind the first two spaces that stand together after the beginning of an indented line. A
/// line without any goes on under its own beginning.
fn hanging_indent(pieces: &[Piece<'_>]) -> Option<usize> {
    let is_space = |piece: &Piece<'_>| piece.text == " ";
    let first = pieces.iter().position(|piece| !is_space(piece)).filter(|first| *first > 0)?;
    let gap = pieces[first..].windows(2).position(|two| two.iter().all(is_space)).map(|gap| gap + first);
    let explanation = match gap {
        Some(gap) => pieces[gap..].iter().position(|piece| !is_space(piece))? + gap,
        None => first,
    };
    Some(pieces[..explanation].iter().map(|piece| piece.width).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(line: &str) -> usize {
        pieces(line).iter().map(|piece| piece.width).sum()
    }

    #[test]
    fn chinese_is_broken_between_letters_but_not_before_a_comma_or_within_a_word() {
        assert_eq!(wrapped("就诊的每一时刻，归于一个原因", 14), "就诊的每一时\n刻，归于一个原\n因");
        assert_eq!(wrapped("请用 `onetrip compare`。", 12), "请用\n`onetrip\ncompare`。");
        assert_eq!(wrapped("甲（乙丙）", 4), "甲\n（乙\n丙）");
    }

    #[test]
    fn what_goes_on_stands_under_the_explanation() {
        let line = "      --out <DIR>  将报告、图表、数据表写入该文件夹";
        assert_eq!(
            wrapped(line, 40),
            "      --out <DIR>  将报告、图表、数据表\n                   写入该文件夹"
        );
        assert_eq!(wrapped("短的一行\n\n", 40), "短的一行\n\n");
        assert_eq!(
            wrapped("    one line of words that is long", 24),
            "    one line of words\n    that is long"
        );
    }

    #[test]
    fn escape_sequences_take_no_room() {
        assert_eq!(wrapped("\u{1b}[1m用法\u{1b}[0m：甲乙", 10), "\u{1b}[1m用法\u{1b}[0m：甲乙");
    }

    #[test]
    fn the_help_of_every_command_fits_the_terminal() {
        use crate::arguments::Arguments;
        use onetrip_report::words::Language;

        fn helps(command: &mut clap::Command, all: &mut Vec<String>) {
            all.push(command.render_help().to_string());
            command.get_subcommands_mut().for_each(|inner| helps(inner, all));
        }
        let mut all = Vec::new();
        let mut parser = Arguments::parser(Language::Chinese);
        parser.build();
        helps(&mut parser, &mut all);
        assert!(all.len() > 15, "{}", all.len());
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        for help in &all {
            let narrow = wrapped(help, 100);
            assert_eq!(plain(&narrow), plain(help));
            let longest = narrow.lines().max_by_key(|line| columns(line)).unwrap_or_default();
            assert!(columns(longest) <= 100, "{} columns: {longest}", columns(longest));
        }
    }
}
