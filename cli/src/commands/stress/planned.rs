//! What is done to a system: outages, absences and a week of influenza, read from the command line and checked.

use super::{InHand, Stress};
use crate::console::{Console, said};
use crate::scenario::Chosen;
use crate::suggestion::{listed, names_near};
use anyhow::{Context, anyhow, bail};
use onetrip_models::hospital::spec::{StationOutage, Surge};
use onetrip_models::system::System;
use onetrip_models::text::Text;
use onetrip_report::words::{Language, Words};
use onetrip_scenarios::flu::flu_week;
use onetrip_scenarios::quantity::{CLOCK_ACCEPTED, parse_clock, parse_duration, write_clock};
use onetrip_sim::station::WorkInHand;
use onetrip_sim::time::SimTime;

/// The whole day, for doctors who do not come at all.
const ALL_DAY: (SimTime, SimTime) = (SimTime::ZERO, SimTime::from_micros(24 * 3600 * 1_000_000));

/// What is done to the system.
pub(super) struct Planned {
    pub(super) disturbed: System,
    /// When it begins.
    pub(super) from: SimTime,
    /// When it is over; `None` when it lasts all day.
    pub(super) to: Option<SimTime>,
    /// In words.
    pub(super) said: Vec<Words>,
}

impl Stress {
    /// The disturbed system, and what is done to it in words.
    pub(super) fn planned(&self, chosen: &Chosen, console: &Console) -> anyhow::Result<Planned> {
        let window = self.window(console)?;
        self.check_that_times_are_used(window.is_some(), console)?;
        let mut outages = Vec::new();
        let mut said = Vec::new();
        for place in &self.outage {
            let (from, to) = window.ok_or_else(|| {
                anyhow!(said!(
                    console,
                    "--outage {place} has no time; accepted: --from and --to, such as `--from 09:00 --to 11:00`",
                    "--outage {place} 未给出时间；请用 --from 与 --to，如 `--from 09:00 --to 11:00`"
                ))
            })?;
            outages.push(self.outage_of(chosen, place, (from, to), None, console)?);
            let place = both_of(&chosen.system.title_of_place(place));
            said.push(Words::new(
                format!("Out from {} to {}: {}.", write_clock(from), write_clock(to), place.en),
                format!("{}至{}停止服务：{}。", write_clock(from), write_clock(to), place.zh),
            ));
        }
        for absent in &self.absent {
            let (outage, words) = self.absence(chosen, absent, window, console)?;
            outages.push(outage);
            said.push(words);
        }
        let mut disturbed =
            if outages.is_empty() { chosen.system.clone() } else { chosen.system.with_outages(&outages)? };
        if self.flu {
            let hospital = chosen.hospital().ok_or_else(|| {
                anyhow!(said!(
                    console,
                    "`{}` is a plain network; accepted for --flu: a hospital",
                    "`{}` 是普通网络；--flu 只用于医院",
                    chosen.wanted
                ))
            })?;
            let surges = flu_week(hospital);
            if surges.is_empty() {
                bail!(said!(
                    console,
                    "`{}` has none of the departments that influenza reaches; state [[surge]] in its file",
                    "`{}` 没有流感所及的科室；可在文件中写 [[surge]]",
                    chosen.wanted
                ));
            }
            let list = |language: Language| -> Vec<String> {
                let one = |surge: &Surge| {
                    let place = format!("consultation.{}", surge.department);
                    let title = Words::from(&chosen.system.title_of_place(&place));
                    format!("{} × {}", title.in_language(language), surge.factor)
                };
                surges.iter().map(one).collect()
            };
            said.push(Words::new(
                format!("A week of influenza, visits times: {}.", list(Language::English).join(", ")),
                format!("流感周，就诊量倍数：{}。", list(Language::Chinese).join("、")),
            ));
            said.push(Words::new(
                "These factors are assumptions: no count of visits by department in a week of influenza is at hand. \
                 State your own by [[surge]] in the scenario's file.",
                "以上倍数均为假设：缺乏流感周分科室就诊量数据。可在情景文件中以 [[surge]] 写入本院数据。",
            ));
            disturbed = disturbed.with_surges(&surges)?;
        }
        let lasts_all_day = self.flu || !self.absent.is_empty() && window.is_none();
        let (from, to) = match (lasts_all_day, window) {
            (false, Some((from, to))) => (from, Some(to)),
            (_, _) => (SimTime::ZERO, None),
        };
        Ok(Planned { disturbed, from, to, said })
    }

    /// A week of influenza has no hours, and nothing breaks off at its beginning.
    fn check_that_times_are_used(&self, has_window: bool, console: &Console) -> anyhow::Result<()> {
        let has_place = !self.outage.is_empty() || !self.absent.is_empty();
        if !has_place && (has_window || self.work_in_hand != InHand::Finish) {
            bail!(console.say(
                "--from, --to and --work-in-hand are of outages and absences, and --flu is of whole days; accepted: \
                 --outage STATION or --absent DEPARTMENT[=N] with them",
                "--from、--to 与 --work-in-hand 用于停机或缺勤，--flu 针对全天；请与 --outage 处所 或 --absent 科室[=N] 同用"
            ));
        }
        Ok(())
    }

    /// From when to when, where that is said.
    fn window(&self, console: &Console) -> anyhow::Result<Option<(SimTime, SimTime)>> {
        let instant = |flag: &str, text: &Option<String>| -> anyhow::Result<Option<SimTime>> {
            let read = |text: &String| {
                let is_clock = text.contains([':', '：']);
                let read = if is_clock {
                    parse_clock(text)
                } else {
                    parse_duration(text).map(|span| SimTime::ZERO + span)
                };
                read.map_err(|error| {
                    anyhow!(said!(
                        console,
                        "--{flag} `{text}`: {error}; accepted: {CLOCK_ACCEPTED}",
                        "--{flag} 不接受 `{text}`；写法为时刻，如 `09:00`，或自运行开始的时间，如 `90 min`"
                    ))
                })
            };
            text.as_ref().map(read).transpose()
        };
        match (instant("from", &self.from)?, instant("to", &self.to)?) {
            (None, None) => Ok(None),
            (Some(from), Some(to)) if from < to => Ok(Some((from, to))),
            (Some(from), Some(to)) => bail!(said!(
                console,
                "--from {} is not before --to {}; accepted: an earlier time first",
                "--from {} 不早于 --to {}；请先写较早的时间",
                write_clock(from),
                write_clock(to)
            )),
            (Some(_), None) => {
                bail!(console.say(
                    "--from is given without --to; accepted: both",
                    "有 --from 而无 --to；两者须同时给出"
                ))
            }
            (None, Some(_)) => {
                bail!(console.say(
                    "--to is given without --from; accepted: both",
                    "有 --to 而无 --from；两者须同时给出"
                ))
            }
        }
    }

    fn outage_of(
        &self,
        chosen: &Chosen,
        place: &str,
        (from, to): (SimTime, SimTime),
        server_count: Option<u32>,
        console: &Console,
    ) -> anyhow::Result<StationOutage> {
        let places = chosen.system.places_of_outage();
        if !places.iter().any(|known| known == place) {
            let known: Vec<&str> = places.iter().map(String::as_str).collect();
            return Err(unknown_place(place, &known, console));
        }
        check_hours(&chosen.system, place, (from, to), console)?;
        Ok(StationOutage {
            place: place.to_owned(),
            from: from.since(SimTime::ZERO),
            to: to.since(SimTime::ZERO),
            server_count,
            work_in_hand: match self.work_in_hand {
                InHand::Finish => WorkInHand::Finish,
                InHand::HandOver => WorkInHand::HandOver,
            },
        })
    }

    fn absence(
        &self,
        chosen: &Chosen,
        text: &str,
        window: Option<(SimTime, SimTime)>,
        console: &Console,
    ) -> anyhow::Result<(StationOutage, Words)> {
        let (name, count) = match text.split_once('=') {
            Some((name, count)) => (name.trim(), count.trim().parse::<u32>().ok().filter(|count| *count > 0)),
            None => (text.trim(), Some(1)),
        };
        let count = count.with_context(|| {
            said!(
                console,
                "--absent `{text}` has no number; accepted: DEPARTMENT or DEPARTMENT=N, such as `surgery=2`",
                "--absent `{text}` 没有人数；写法为 科室 或 科室=人数，如 `surgery=2`"
            )
        })?;
        let prefix = if chosen.hospital().is_some() { "consultation." } else { "" };
        let place = format!("{prefix}{name}");
        let places = chosen.system.places_of_outage();
        if !places.contains(&place) {
            let known: Vec<&str> = places.iter().filter_map(|known| known.strip_prefix(prefix)).collect();
            return Err(unknown_place(name, &known, console));
        }
        let outage = self.outage_of(chosen, &place, window.unwrap_or(ALL_DAY), Some(count), console)?;
        let most = most_on_duty(chosen, name);
        if let Some(most) = most.filter(|most| count > *most) {
            bail!(said!(
                console,
                "--absent {text}: at most {most} are on duty at a time; accepted: 1 to {most}",
                "--absent {text}：同时在岗最多{most}人；可用 1 至 {most}"
            ));
        }
        let Words { en, zh } = both_of(&chosen.system.title_of_place(&place));
        let words = match window {
            Some((from, to)) => Words::new(
                format!("Absent from {} to {}: {count} of {en}.", write_clock(from), write_clock(to)),
                format!("{}至{}缺勤：{zh} {count}人。", write_clock(from), write_clock(to)),
            ),
            None => {
                Words::new(format!("Absent all day: {count} of {en}."), format!("全天缺勤：{zh} {count}人。"))
            }
        };
        Ok((outage, words))
    }
}

/// A title in both languages; the English one where nobody has translated it.
fn both_of(title: &Text) -> Words {
    let words = Words::from(title);
    Words { zh: words.in_language(Language::Chinese).to_owned(), en: words.en }
}

/// Nothing is called so: what was meant perhaps, and what there is.
fn unknown_place(place: &str, known: &[&str], console: &Console) -> anyhow::Error {
    let near = names_near(place, known);
    let mut text = match console.language {
        Language::English => format!("nothing here is called `{place}`"),
        Language::Chinese => format!("没有名为 `{place}` 的处所"),
    };
    if !near.is_empty() {
        text.push_str(&format!("\n  {} {}?", console.say("did you mean", "是否指"), listed(&near)));
    }
    text.push_str(&format!("\n  {} {}", console.say("accepted:", "可用："), listed(known)));
    anyhow!(text)
}

/// Somebody must be on duty for an outage to matter.
fn check_hours(
    system: &System,
    place: &str,
    (from, to): (SimTime, SimTime),
    console: &Console,
) -> anyhow::Result<()> {
    for station in system.stations_of(place) {
        let hours = system.hours_of(station);
        if hours.iter().any(|&(opens_at, closes_at)| opens_at < to && from < closes_at) {
            continue;
        }
        let open: Vec<String> = hours
            .iter()
            .map(|&(opens_at, closes_at)| format!("{}-{}", write_clock(opens_at), write_clock(closes_at)))
            .collect();
        bail!(said!(
            console,
            "nobody is on duty at `{place}` from {} to {}; accepted: a time within {}",
            "`{place}` 在{}至{}无人在岗；请取 {} 之内的时间",
            write_clock(from),
            write_clock(to),
            open.join(", ")
        ));
    }
    Ok(())
}

/// The most doctors of a department at a time; nothing for a network.
fn most_on_duty(chosen: &Chosen, department: &str) -> Option<u32> {
    let department = chosen.hospital()?.departments.iter().find(|one| one.id == department)?;
    department.sessions.iter().map(|session| session.doctor_count).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_day_is_a_day() {
        assert_eq!(ALL_DAY.1.since(ALL_DAY.0), onetrip_sim::time::SimSpan::DAY);
    }
}
