//! What passes through the stations while a disturbance lasts, as a part of the document and in words.

use super::name_of;
use super::terminal::Rows;
use crate::compare::reasons::instead;
use crate::document::{Figure, Unit};
use crate::figures::show;
use crate::words::{Language, Words};
use onetrip_models::system::System;
use onetrip_studies::stress::passage::{BesideEachOther, StationPassage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Stations in the table.
const SHOWN: usize = 8;
/// Stations named in a sentence.
const NAMED: usize = 3;

/// One station from the beginning of a disturbance to its end.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PassagePart {
    /// Dotted name.
    pub id: String,
    /// Name shown.
    pub title: Words,
    /// Who join its queue, or a free server, a day.
    pub joined: BesidePart,
    /// Who are served, a day.
    pub served: BesidePart,
    /// Who do not join, or leave the queue without service, a day.
    pub left: BesidePart,
    /// Who wait at its end.
    pub waiting_at_end: BesidePart,
}

/// A figure without and with the disturbance.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BesidePart {
    /// Without.
    pub base: Figure,
    /// With.
    pub disturbed: Figure,
    /// Whether they surely differ (Holm over all stations and figures).
    pub different: bool,
}

impl BesidePart {
    fn new(one: &BesideEachOther) -> BesidePart {
        BesidePart {
            base: Figure::of(Some(one.base)),
            disturbed: Figure::of(Some(one.disturbed)),
            different: one.is_different,
        }
    }

    /// With less without, where that is sure; else 0.
    fn sure_difference(&self) -> f64 {
        let difference = self.disturbed.value.unwrap_or(0.0) - self.base.value.unwrap_or(0.0);
        if self.different { difference } else { 0.0 }
    }

    /// Without and with, in words.
    fn values(&self, language: Language) -> [String; 2] {
        [&self.base, &self.disturbed]
            .map(|figure| show(&Figure::bare(figure.value), Unit::Count, language).value)
    }

    /// `377 instead of 453`.
    fn instead(&self, language: Language) -> String {
        let [base, disturbed] = self.values(language);
        instead(&base, &disturbed, language)
    }

    fn text(&self, language: Language) -> String {
        let [base, disturbed] = self.values(language);
        if self.different { format!("{base} → {disturbed}") } else { base }
    }
}

impl PassagePart {
    pub(super) fn new(system: &System, one: &StationPassage) -> PassagePart {
        let label = &system.stations()[one.station];
        PassagePart {
            id: label.id.clone(),
            title: name_of(&label.title, &label.id),
            joined: BesidePart::new(&one.joined),
            served: BesidePart::new(&one.served),
            left: BesidePart::new(&one.left),
            waiting_at_end: BesidePart::new(&one.waiting_at_end),
        }
    }

    /// That fewer come while it lasts, where that is sure.
    pub(super) fn fewer_come(&self) -> Option<Words> {
        if self.joined.sure_difference() >= 0.0 {
            return None;
        }
        Some(Words::new(
            format!("While it lasts {} come.", self.joined.instead(Language::English)),
            format!("期间到达人数{}。", self.joined.instead(Language::Chinese)),
        ))
    }
}

/// The passage of the one station whose mean wait a measure is.
pub(super) fn of_measure<'a>(
    parts: &'a [PassagePart],
    system: &System,
    measure: &str,
) -> Option<&'a PassagePart> {
    let index = system.measures().iter().position(|one| one.id == measure)?;
    let &[station] = system.stations_of_mean_wait(index)? else { return None };
    parts.iter().find(|one| one.id == system.stations()[station].id)
}

/// The table: what surely differs as `without → with`, else the one value.
pub(super) fn passage_rows(parts: &[PassagePart], language: Language) -> Rows {
    let headings = [
        ("while it lasts (without → with)", "期间（无扰动 → 有扰动）"),
        ("come", "到达"),
        ("served", "服务完成"),
        ("leave unserved", "未受服务离开"),
        ("wait at its end", "结束时等候"),
    ];
    let rows = parts.iter().take(SHOWN).map(|one| {
        let mut row = vec![one.title.in_language(language).to_owned()];
        let figures = [&one.joined, &one.served, &one.left, &one.waiting_at_end];
        row.extend(figures.map(|figure| figure.text(language)));
        row
    });
    (headings.map(|(en, zh)| language.pick(en, zh).to_owned()).to_vec(), rows.collect())
}

/// Where people are held while it lasts, where fewer get through because of that, and who leaves.
pub(super) fn finding(parts: &[PassagePart]) -> Option<Words> {
    let by = |of: &dyn Fn(&PassagePart) -> f64| -> Vec<&PassagePart> {
        let mut found: Vec<&PassagePart> = parts.iter().filter(|one| of(one) >= 1.0).collect();
        found.sort_by(|a, b| of(b).total_cmp(&of(a)));
        found.truncate(NAMED);
        found
    };
    let held = by(&|one| one.waiting_at_end.sure_difference());
    let left = by(&|one| one.left.sure_difference());
    let fewer = by(&|one| -one.joined.sure_difference());
    let more = by(&|one| one.joined.sure_difference());
    if held.is_empty() && left.is_empty() && fewer.is_empty() && more.is_empty() {
        return None;
    }
    Some(Words::in_both(|language| {
        let named = |found: &[&PassagePart], of: &dyn Fn(&PassagePart) -> String| -> String {
            let texts = found.iter().map(|one| match language {
                Language::English => format!("{} ({})", one.title.en, of(one)),
                Language::Chinese => format!("{}（{}）", one.title.zh, of(one)),
            });
            texts.collect::<Vec<_>>().join(language.pick(", ", "、"))
        };
        let mut clauses = Vec::new();
        let mut say =
            |found: &[&PassagePart], (en, zh): (&str, &str), of: &dyn Fn(&PassagePart) -> String| {
                if !found.is_empty() {
                    clauses.push(format!("{}{}", language.pick(en, zh), named(found, of)));
                }
            };
        say(&more, ("more come to: ", "到达增多："), &|one| one.joined.instead(language));
        say(&fewer, ("fewer come to: ", "到达减少："), &|one| one.joined.instead(language));
        say(&held, ("held at its end at: ", "结束时滞留："), &|one| {
            one.waiting_at_end.instead(language)
        });
        say(&left, ("leave unserved at: ", "未受服务离开："), &|one| one.left.instead(language));
        match language {
            Language::English => format!("While it lasts: {}.", clauses.join("; ")),
            Language::Chinese => format!("期间：{}。", clauses.join("；")),
        }
    }))
}
