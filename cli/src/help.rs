//! What stands below the options of a command: calls to learn from, and what one should know, in both languages.

use crate::arguments::both;

/// Calls with a remark begin it in one column, unless they reach beyond this one.
const WIDEST_COLUMN: usize = 42;

/// Calls are broken so that they do not reach beyond this column.
const LAST_COLUMN: usize = 90;

/// A call of the program, and in a few words in English and Chinese what it does, where it does not speak for itself.
pub(crate) struct Example {
    call: &'static str,
    remark: Option<(&'static str, &'static str)>,
}

/// A call that speaks for itself.
pub(crate) const fn plain(call: &'static str) -> Example {
    Example { call, remark: None }
}

/// A call with what it does, in English and Chinese.
pub(crate) const fn told(call: &'static str, english: &'static str, chinese: &'static str) -> Example {
    Example { call, remark: Some((english, chinese)) }
}

/// The examples of a command, and a note in English and Chinese.
pub(crate) struct Examples {
    pub(crate) calls: &'static [Example],
    pub(crate) note: Option<(&'static str, &'static str)>,
}

impl Examples {
    /// The text in both languages, as the parser takes it.
    pub(crate) fn in_both(&self) -> String {
        let (english, chinese) = self.note.unwrap_or_default();
        both(
            &self.text("Examples:", |(english, _)| english, english),
            &self.text("示例：", |(_, chinese)| chinese, chinese),
        )
    }

    fn text(
        &self,
        heading: &str,
        pick: impl Fn((&'static str, &'static str)) -> &'static str,
        note: &str,
    ) -> String {
        let with_remark = self.calls.iter().filter(|example| example.remark.is_some());
        let widths = with_remark.map(|example| example.call.len()).filter(|&width| width <= WIDEST_COLUMN);
        let column = widths.max().unwrap_or_default();
        let mut text = heading.to_owned();
        for example in self.calls {
            let call = broken(example.call);
            text.push_str(&match example.remark {
                Some(remark) => format!("\n  {call:column$}   {}", pick(remark)),
                None => format!("\n  {call}"),
            });
        }
        if !note.is_empty() {
            text.push_str(&format!("\n\n{note}"));
        }
        text
    }
}

/// The call, going on in another line before an option that would reach too far.
fn broken(call: &str) -> String {
    let mut broken = String::new();
    let mut column = 2;
    for (index, part) in call.split(" --").enumerate() {
        let reach = column + part.chars().count() + " --".len();
        if index == 0 {
            broken.push_str(part);
            column = reach;
        } else if reach + " \\".len() > LAST_COLUMN {
            broken.push_str(&format!(" \\\n      --{part}"));
            column = "      --".len() + part.chars().count();
        } else {
            broken.push_str(&format!(" --{part}"));
            column = reach;
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: Examples = Examples {
        calls: &[
            told("onetrip run", "a day", "一天"),
            told("onetrip run township", "another", "另一天"),
            plain(
                "onetrip size kiosks-5 --find station.kiosk.servers --between 3..12 \
                 --until 'kiosk.wait_time.p90 <= 2 min'",
            ),
        ],
        note: Some(("That is all.", "完。")),
    };

    #[test]
    fn remarks_stand_in_one_column_and_long_calls_go_on_in_the_next_line() {
        let expected = "Examples:\n  onetrip run            a day\n  onetrip run township   another\n  \
                        onetrip size kiosks-5 --find station.kiosk.servers --between 3..12 \\\n      \
                        --until 'kiosk.wait_time.p90 <= 2 min'\n\nThat is all.";
        assert!(SHOWN.in_both().starts_with(expected), "{}", SHOWN.in_both());
        assert!(SHOWN.in_both().contains("township   另一天\n"));
        assert!(SHOWN.in_both().ends_with("\n\n完。"));
    }
}
