//! By what a wait becomes longer or shorter, in words that follow the sentence that says so.

use super::sentences::told_apart;
use super::{ChangePart, DifferencePart, DriverPart};
use crate::document::{Figure, Unit};
use crate::html::both;
use crate::words::Language;
use onetrip_studies::compare::mechanism::{Change, Driver};

impl From<Driver> for DriverPart {
    fn from(driver: Driver) -> DriverPart {
        match driver {
            Driver::Customers => DriverPart::Customers,
            Driver::Crowding => DriverPart::Crowding,
            Driver::ServiceTime => DriverPart::ServiceTime,
            Driver::OnDuty => DriverPart::OnDuty,
            Driver::Spread => DriverPart::Spread,
        }
    }
}

impl ChangePart {
    pub(super) fn new(change: &Change) -> ChangePart {
        ChangePart {
            driver: change.driver.into(),
            base: Figure::of(Some(change.base)),
            alternative: Figure::of(Some(change.alternative)),
        }
    }

    fn unit(&self) -> Unit {
        match self.driver {
            DriverPart::Customers => Unit::Count,
            DriverPart::Crowding => Unit::Share,
            DriverPart::ServiceTime | DriverPart::OnDuty | DriverPart::Spread => Unit::Seconds,
        }
    }

    fn clause(&self, language: Language) -> String {
        let ends = [&self.base, &self.alternative].map(|figure| figure.value.unwrap_or(0.0));
        let is_rise = ends[1] > ends[0];
        // A sum over servers is no span of the calendar: it stays in hours.
        let hours = ends.map(|seconds| seconds / 3600.0);
        let [base, alternative] = match self.driver {
            DriverPart::OnDuty => told_apart(hours, Unit::Count, language),
            _ => told_apart(ends, self.unit(), language),
        };
        let from_to = match (self.driver, language) {
            (DriverPart::Spread, Language::English) => format!("that alone makes {alternative} of {base}"),
            _ => instead(&base, &alternative, language),
        };
        let (en, zh) = match (self.driver, is_rise) {
            (DriverPart::Customers, true) => ("more come there ({} a day)", "到该处者增多（每日{}人）"),
            (DriverPart::Customers, false) => ("fewer come there ({} a day)", "到该处者减少（每日{}人）"),
            (DriverPart::Crowding, true) => (
                "they come closer together (in the busiest hour {} of the day's)",
                "到达更集中（最忙一小时占全日到达者比例{}）",
            ),
            (DriverPart::Crowding, false) => (
                "they come more spread out (in the busiest hour {} of the day's)",
                "到达更分散（最忙一小时占全日到达者比例{}）",
            ),
            (DriverPart::ServiceTime, true) => ("services there take longer ({})", "该处服务时间变长（{}）"),
            (DriverPart::ServiceTime, false) => ("services there are shorter ({})", "该处服务时间变短（{}）"),
            (DriverPart::OnDuty, true) => {
                ("more are on duty there ({} server-hours a day)", "该处在岗增加（每日服务台时{}小时）")
            }
            (DriverPart::OnDuty, false) => {
                ("fewer are on duty there ({} server-hours a day)", "该处在岗减少（每日服务台时{}小时）")
            }
            (DriverPart::Spread, true) => {
                ("more go where the wait is longer ({})", "更多人去往等候较长之处（仅此一项即{}）")
            }
            (DriverPart::Spread, false) => {
                ("more go where the wait is shorter ({})", "更多人去往等候较短之处（仅此一项即{}）")
            }
        };
        language.pick(en, zh).replace("{}", &from_to)
    }
}

/// `377 instead of 453`.
pub(crate) fn instead(base: &str, alternative: &str, language: Language) -> String {
    match language {
        Language::English => format!("{alternative} instead of {base}"),
        Language::Chinese => format!("由{base}变为{alternative}"),
    }
}

/// The clauses, the largest change first, as they end a sentence; empty where nothing is known.
pub(super) fn because(changes: &[ChangePart], language: Language) -> String {
    let clauses: Vec<String> = changes.iter().map(|change| change.clause(language)).collect();
    match (clauses.is_empty(), language) {
        (true, _) => String::new(),
        (false, Language::English) => format!(": {}", clauses.join("; ")),
        (false, Language::Chinese) => format!("：{}", clauses.join("；")),
    }
}

/// How the reasons were found, as a paragraph of a page; empty where none is given.
pub(crate) fn note(parts: &[DifferencePart]) -> String {
    if parts.iter().all(|part| part.because.is_empty()) {
        return String::new();
    }
    let note = both(
        "After the colon stands what surely differs at that station too (Holm, all such questions together) and moves waits \
         the same way: how many come, how close together they come, how long services take, how many are on duty. Changes \
         below 1 % are not named.",
        "冒号之后为该处同样存在可信差异（全部此类检验以Holm法合并判定）且作用方向一致的因素：到达人数、到达集中程度、服务时间、\
         在岗数量；变化小于1%者不列。",
    );
    format!("<p class=\"muted\">{note}</p>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(driver: DriverPart, base: f64, alternative: f64) -> ChangePart {
        ChangePart { driver, base: Figure::bare(Some(base)), alternative: Figure::bare(Some(alternative)) }
    }

    #[test]
    fn reasons_follow_a_colon_and_say_from_what_to_what() {
        let changes = [
            change(DriverPart::Customers, 2284.0, 2551.0),
            change(DriverPart::Crowding, 0.23, 0.21),
            change(DriverPart::OnDuty, 240.0 * 3600.0, 400.0 * 3600.0),
        ];
        assert_eq!(
            because(&changes, Language::English),
            ": more come there (2,551 instead of 2,284 a day); they come more spread out (in the busiest hour 21 % instead of \
             23 % of the day's); more are on duty there (400 instead of 240 server-hours a day)"
        );
        assert_eq!(because(&changes[..1], Language::Chinese), "：到该处者增多（每日由2,284变为2,551人）");
        assert_eq!(because(&[], Language::English), "");
    }
}
