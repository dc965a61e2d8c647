//! The kinds of values that only hospitals have: shifts, mixes, the profile of a day.

use crate::quantity::{Share, parse_clock_interval};
use crate::reader::key::{Kind, Numbers, Shape};
use crate::reader::kinds::{Count, Located, Map, Percentage};
use crate::reader::{At, Item, Mistake, Table};
use onetrip_models::hospital::spec::{ProfilePiece, Shift};
use onetrip_sim::time::{SimSpan, SimTime};

/// A word that becomes part of the names of stations and measures: small Latin letters, digits and `_`.
pub(super) struct Word;

const WORD_ACCEPTED: &str =
    "a word of small letters, digits and `_` that begins with a letter, such as \"internal_medicine\"";

impl Kind for Word {
    type Out = String;

    fn read(&self, item: &Item<'_>) -> Option<String> {
        let is_word = |text: &&str| {
            text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        match item.text() {
            Some(text) if is_word(&text) => Some(text.to_owned()),
            Some(text) => {
                item.report(Mistake::new(format!("`{text}` cannot be an id")).accepted(WORD_ACCEPTED));
                None
            }
            None => item.refuse(WORD_ACCEPTED),
        }
    }

    fn shape(&self) -> Shape {
        Shape::Text { accepted: WORD_ACCEPTED, examples: &[], pattern: Some("^[a-z][a-z0-9_]*$") }
    }

    fn numbers(&self) -> Numbers {
        Numbers::None
    }
}

fn is_day_part(text: &str) -> bool {
    parse_clock_interval(text).is_ok()
}

const DAY_PARTS: &str = "parts of the day such as \"07:30-11:30\"";

/// The part of the day that a key names, as spans since midnight. The key has been found to be one.
fn day_part(key: &str) -> Option<(SimSpan, SimSpan)> {
    let interval = parse_clock_interval(key).ok()?;
    Some((interval.from.since(SimTime::ZERO), interval.to.since(SimTime::ZERO)))
}

/// How many are on duty in which parts of the day: `{ "07:30-12:00" = 12, "13:00-17:00" = 8 }`. Parts that overlap
/// add up.
pub(super) struct Shifts;

const SHIFTS: Map<Count> = Map::of(DAY_PARTS, Count::between(0, 100_000)).with_keys(is_day_part);

impl Kind for Shifts {
    type Out = Vec<Shift>;

    fn read(&self, item: &Item<'_>) -> Option<Vec<Shift>> {
        let parts = SHIFTS.read(item)?.into_iter();
        parts
            .map(|(key, count)| {
                let (from, to) = day_part(&key.value)?;
                Some(Shift { from, to, count })
            })
            .collect()
    }

    fn shape(&self) -> Shape {
        SHIFTS.shape()
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

/// Which shares of a day fall into which parts of it: `{ "07:00-08:00" = "12 %", … }`, together 100 %.
pub(super) struct Profile;

const PROFILE: Map<Percentage> = Map::of(DAY_PARTS, Percentage).with_keys(is_day_part);

impl Kind for Profile {
    type Out = Vec<ProfilePiece>;

    fn read(&self, item: &Item<'_>) -> Option<Vec<ProfilePiece>> {
        let parts = PROFILE.read(item)?;
        let mut pieces: Vec<(&At<String>, ProfilePiece)> = Vec::with_capacity(parts.len());
        for (key, share) in &parts {
            let (from, to) = day_part(&key.value)?;
            pieces.push((key, ProfilePiece { from, to, weight: share.part() }));
        }
        pieces.sort_by_key(|(_, piece)| piece.from);
        let overlap = pieces.windows(2).find(|pair| pair[1].1.from < pair[0].1.to);
        if let Some([(before, _), (after, _)]) = overlap {
            let mistake = Mistake::new(format!("`{}` overlaps with `{}`", after.value, before.value));
            item.report_at(&after.place, mistake.accepted("parts of the day that follow each other"));
            return None;
        }
        add_up(item, parts.iter().map(|(_, share)| *share))?;
        Some(pieces.into_iter().map(|(_, piece)| piece).collect())
    }

    fn shape(&self) -> Shape {
        PROFILE.shape()
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

/// Shares of one whole by known words: `{ kiosk = "30 %", window = "70 %" }`. Words left out have no share.
pub(super) struct Mix<const N: usize> {
    words: &'static [&'static str; N],
    map: Map<Percentage>,
}

impl<const N: usize> Mix<N> {
    /// A mix of these words, which `is_word` knows and `described` lists.
    pub(super) const fn of(
        words: &'static [&'static str; N],
        described: &'static str,
        is_word: fn(&str) -> bool,
    ) -> Self {
        Mix { words, map: Map::of(described, Percentage).with_keys(is_word) }
    }
}

impl<const N: usize> Kind for Mix<N> {
    type Out = [f64; N];

    fn read(&self, item: &Item<'_>) -> Option<[f64; N]> {
        let shares = self.map.read(item)?;
        add_up(item, shares.iter().map(|(_, share)| *share))?;
        let share_of = |word: &str| {
            let found = shares.iter().find(|(key, _)| key.value == word);
            found.map_or(0.0, |(_, share)| share.part())
        };
        Some(self.words.map(share_of))
    }

    fn shape(&self) -> Shape {
        self.map.shape()
    }

    fn numbers(&self) -> Numbers {
        Numbers::Within
    }
}

/// Shares must add up to 100 %, to a tenth of a percent.
fn add_up(item: &Item<'_>, shares: impl Iterator<Item = Share>) -> Option<()> {
    let Some(mistake) = Mistake::of_parts("the shares", shares.map(Share::part).sum()) else {
        return Some(());
    };
    item.report(mistake);
    None
}

/// Shares of one whole that stand in the elements of a list must add up to 100 %, to a tenth of a percent; the mistake
/// is shown at the last.
pub(super) fn elements_add_up(table: &Table<'_>, shares: &[At<Share>], of: &str) {
    let sum: f64 = shares.iter().map(|share| share.value.part()).sum();
    let mistake = Mistake::of_parts(&format!("the shares of all {of}"), sum);
    if let Some((last, mistake)) = shares.last().zip(mistake) {
        table.report(&last.place, mistake);
    }
}

/// A share whose place is kept.
pub(super) const SHARE: Located<Percentage> = Located(Percentage);
