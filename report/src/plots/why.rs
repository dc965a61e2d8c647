//! Causes of waiting: stacked bars by station and by hour, and visits as timelines.

use super::Plot;
use super::canvas::{
    self, Anchor, Area, BLUE, Drawn, GREEN, GREY, Ink, ORANGE, PURPLE, SKY, VERMILION, fill, line,
    nice_limit, shortened, text_width, tick, write,
};
use crate::figures::{TimeScale, clock, duration};
use crate::why::{CausePart, HourCauses, StationCauses, TellerPart, ToldPart, WhyDocument};
use crate::words::{Language, Words};
use plotters::style::RGBColor;

const WIDTH: i32 = 860;
const ROW: i32 = 24;
const STATIONS: usize = 16;
/// Steps of a timeline; a visit of more is drawn up to there and says so.
const STEPS: usize = 60;
const LEGEND_ROW: i32 = 20;
/// A cause with less than this part of the longest bar cannot be seen, and stands in no legend.
const VISIBLE: f64 = 0.003;

/// All plots of a document, but those for which there is nothing to show.
pub(crate) fn all(document: &WhyDocument) -> Vec<Plot> {
    if document.visits.ended == 0 {
        return Vec::new();
    }
    let mut plots = vec![
        Plot {
            name: "stations".into(),
            title: Words::new("Where the time goes, and why: by station", "时间去向与原因：按站点"),
            caption: Words::new(
                "Mean time of a visit at each station and on the way to it, by cause; the stations where most is lost come \
                 first. Warm colours are lost time.",
                "每次就诊在各站点及前往途中的平均时间，按原因划分；损失多者在前。暖色为等候损失。",
            ),
            drawings: Language::ALL.map(|language| stations(document, language)),
        },
        Plot {
            name: "hours".into(),
            title: Words::new("Who is held by what: by hour of the day", "患者因何滞留：按时段"),
            caption: Words::new(
                "Patients inside, averaged over the hour and the days, by what holds them.",
                "各时段平均在院人数，按当时所处原因划分。",
            ),
            drawings: Language::ALL.map(|language| hours(document, language)),
        },
    ];
    plots.extend(document.told.iter().map(|told| Plot {
        name: match told.teller {
            TellerPart::Median => "median-visit",
            TellerPart::Worst => "worst-visit",
            TellerPart::Asked => "asked-visit",
        }
            .into(),
        title: crate::why::terminal::visit_title(document, told),
        caption: Words::new(
            "One row a step, from arrival to departure: since a patient does one thing at a time, this is the critical path.",
            "自进院至离院逐步列出；患者同一时刻只做一件事，故即为关键路径。",
        ),
        drawings: Language::ALL.map(|language| timeline(document, told, language)),
    }));
    plots
}

/// Warm colours for what is lost, cool ones for what is of use.
fn colour(id: &str, index: usize) -> RGBColor {
    match id {
        "behind_others" => VERMILION,
        "overtaken" => ORANGE,
        "not_open_yet" => PURPLE,
        "off_duty" => RGBColor(0x94, 0x5B, 0x86),
        "machine_down" => RGBColor(0x9B, 0x1C, 0x31),
        "blocked" => GREY,
        "being_served" => GREEN,
        "served_in_vain" => RGBColor(0x7A, 0x6A, 0x4F),
        "walking" => SKY,
        "awaiting_results" => RGBColor(0xE8, 0xD4, 0x3A),
        "awaiting_medicine" => RGBColor(0xB8, 0x9B, 0x20),
        "awaiting_session" => RGBColor(0xF2, 0xB6, 0xA0),
        "awaiting_booked_time" => RGBColor(0xC7, 0x9A, 0x7B),
        "preparing" => BLUE,
        "paying_by_phone" => RGBColor(0x66, 0xC2, 0xA5),
        _ => [BLUE, SKY, RGBColor(0xE8, 0xD4, 0x3A), GREY, RGBColor(0x66, 0xC2, 0xA5)][index % 5],
    }
}

fn colour_of(document: &WhyDocument, id: &str) -> RGBColor {
    colour(id, document.causes.iter().position(|cause| cause.id == id).unwrap_or(0))
}

/// The causes in the order in which they are stacked: what is lost, then the rest.
fn lost_first(document: &WhyDocument) -> impl Iterator<Item = &CausePart> {
    let of = |is_wait: bool| document.causes.iter().filter(move |cause| cause.wait == is_wait);
    of(true).chain(of(false))
}

/// The words of the legend and where each stands: causes that took any time, in as many rows as they need.
struct Key<'a> {
    entries: Vec<(RGBColor, &'a str, (i32, i32))>,
    height: i32,
}

impl<'a> Key<'a> {
    fn new(document: &'a WhyDocument, is_shown: impl Fn(&str) -> bool, language: Language) -> Key<'a> {
        let (mut x, mut y) = (12, 14);
        let mut entries = Vec::new();
        for cause in lost_first(document).filter(|cause| is_shown(&cause.id)) {
            let title = cause.title.in_language(language);
            let width = 18 + text_width(title, 11.5) + 16;
            if x > 12 && x + width > WIDTH {
                (x, y) = (12, y + LEGEND_ROW);
            }
            entries.push((colour_of(document, &cause.id), title, (x, y)));
            x += width;
        }
        Key { entries, height: y + LEGEND_ROW }
    }

    fn draw(&self, area: &Area<'_>) -> Drawn {
        for (colour, title, (x, y)) in &self.entries {
            fill(area, (*x, y - 6), (x + 12, y + 6), colour)?;
            write(area, title, (x + 18, *y), 11.5, Ink::Muted, Anchor::Left)?;
        }
        Ok(())
    }
}

/// Upright grid lines with their numbers below.
fn scale_across(area: &Area<'_>, ticks: &[(i32, String)], (top, bottom): (i32, i32)) -> Drawn {
    for (x, text) in ticks {
        line(area, (*x, top), (*x, bottom), &Ink::Grid.colour(), 1)?;
        write(area, text, (*x, bottom + 12), 11.0, Ink::Muted, Anchor::Middle)?;
    }
    Ok(())
}

/// Mean time of a visit put down to a cause at a station, in seconds.
fn time_of(station: &StationCauses, cause: &str) -> f64 {
    let time = station.causes.iter().find(|time| time.cause == cause);
    time.and_then(|time| time.time_s.value).unwrap_or(0.0)
}

/// Patients held by a cause in an hour.
fn held_by(hour: &HourCauses, cause: &str) -> f64 {
    hour.causes.iter().find(|one| one.cause == cause).and_then(|one| one.patients.value).unwrap_or(0.0)
}

fn stations(document: &WhyDocument, language: Language) -> String {
    let shown: Vec<&StationCauses> =
        document.stations.iter().filter(|station| station.id.is_some()).take(STATIONS).collect();
    let longest = shown.iter().filter_map(|station| station.time_s.value).fold(0.0, f64::max);
    let key = Key::new(
        document,
        |id| {
            let of = |station: &&StationCauses| time_of(station, id);
            shown.iter().map(of).fold(0.0, f64::max) >= VISIBLE * longest
        },
        language,
    );
    let scale = TimeScale::of(longest);
    let (most, step) = nice_limit(longest / scale.seconds());
    let names: Vec<&str> = shown.iter().map(|station| station.title.in_language(language)).collect();
    let name_width = names.iter().map(|name| text_width(name, 12.0)).max().unwrap_or(0).clamp(60, 240);
    let (left, right) = (name_width + 20, WIDTH - 80);
    let at =
        |seconds: f64| left + (seconds / scale.seconds() / most * f64::from(right - left)).round() as i32;
    let top = key.height + 8;
    let bottom = top + shown.len() as i32 * ROW;
    canvas::picture(WIDTH, bottom + 40, language.pick("causes by station", "各站点原因"), |area| {
        key.draw(area)?;
        let ticks: Vec<(i32, String)> = (0..=(most / step).round() as i32)
            .map(|index| f64::from(index) * step)
            .map(|value| (at(value * scale.seconds()), tick(value)))
            .collect();
        scale_across(area, &ticks, (top, bottom))?;
        for (index, (station, name)) in shown.iter().zip(&names).enumerate() {
            let y = top + index as i32 * ROW + ROW / 2;
            write(area, &shortened(name, 12.0, name_width), (8, y), 12.0, Ink::Text, Anchor::Left)?;
            let mut before = 0.0;
            for cause in lost_first(document) {
                let from = at(before);
                before += time_of(station, &cause.id);
                if at(before) > from {
                    fill(area, (from, y - 8), (at(before), y + 8), &colour_of(document, &cause.id))?;
                }
            }
            let text = duration(station.time_s.value.unwrap_or(0.0), language);
            write(area, &text, (at(before) + 6, y), 11.0, Ink::Muted, Anchor::Left)?;
        }
        let unit =
            format!("{} ({})", language.pick("mean of a visit", "每次就诊平均"), scale.symbol(language));
        write(area, &unit, ((left + right) / 2, bottom + 30), 11.0, Ink::Muted, Anchor::Middle)
    })
}

fn hours(document: &WhyDocument, language: Language) -> String {
    let most = document.hours.iter().filter_map(|hour| hour.patients.value).fold(0.0, f64::max);
    let key = Key::new(
        document,
        |id| document.hours.iter().map(|hour| held_by(hour, id)).fold(0.0, f64::max) >= VISIBLE * most,
        language,
    );
    let (limit, step) = nice_limit(most);
    let (first, last) = (
        document.hours.first().map_or(0, |hour| i32::from(hour.hour)),
        document.hours.last().map_or(0, |hour| i32::from(hour.hour)),
    );
    let (left, right) = (52, WIDTH - 16);
    let (top, height) = (key.height + 12, 260);
    let bottom = top + height;
    let column = f64::from(right - left) / f64::from(last - first + 1);
    let x_of = |hour: i32| left + (f64::from(hour - first) * column).round() as i32;
    let y_of = |patients: f64| bottom - (patients / limit * f64::from(height)).round() as i32;
    canvas::picture(WIDTH, bottom + 42, language.pick("causes by hour", "各时段原因"), |area| {
        key.draw(area)?;
        for index in 0..=(limit / step).round() as i32 {
            let value = f64::from(index) * step;
            line(area, (left, y_of(value)), (right, y_of(value)), &Ink::Grid.colour(), 1)?;
            write(area, &tick(value), (left - 6, y_of(value)), 11.0, Ink::Muted, Anchor::Right)?;
        }
        for hour in &document.hours {
            let from = x_of(i32::from(hour.hour));
            let to = x_of(i32::from(hour.hour) + 1);
            let mut before = 0.0;
            for cause in lost_first(document) {
                let low = y_of(before);
                before += held_by(hour, &cause.id);
                if y_of(before) < low {
                    let colour = colour_of(document, &cause.id);
                    fill(area, (from + 2, y_of(before)), (to - 2, low), &colour)?;
                }
            }
        }
        for hour in first..=last + 1 {
            write(area, &format!("{hour:02}"), (x_of(hour), bottom + 12), 11.0, Ink::Muted, Anchor::Middle)?;
        }
        let words = language.pick("hour of the day · patients inside", "时刻 · 在院人数");
        write(area, words, ((left + right) / 2, bottom + 30), 11.0, Ink::Muted, Anchor::Middle)
    })
}

/// Whole minutes between ticks of a timeline, so that there are at most ten.
fn tick_minutes(seconds: f64) -> u32 {
    let steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 720, 1440];
    steps.into_iter().find(|step| seconds / 60.0 / f64::from(*step) <= 10.0).unwrap_or(10_080)
}

fn timeline(document: &WhyDocument, told: &ToldPart, language: Language) -> String {
    let shown = &told.steps[..told.steps.len().min(STEPS)];
    let key = Key::new(document, |id| shown.iter().any(|step| step.cause == id), language);
    let names: Vec<&str> = shown.iter().map(|step| step.what.in_language(language)).collect();
    let name_width = names.iter().map(|name| text_width(name, 11.5)).max().unwrap_or(0).clamp(80, 320);
    let (left, right) = (name_width + 20, WIDTH - 76);
    let length = (told.left_at_s - told.arrived_at_s).max(1e-6);
    let at = |seconds: f64| {
        left + ((seconds - told.arrived_at_s) / length * f64::from(right - left)).round() as i32
    };
    let top = key.height + 6;
    let bottom = top + shown.len() as i32 * 20;
    canvas::picture(WIDTH, bottom + 24, language.pick("timeline of a visit", "就诊时间线"), |area| {
        key.draw(area)?;
        let step = f64::from(tick_minutes(length)) * 60.0;
        let first = (told.arrived_at_s / step).ceil() as u64;
        let ticks: Vec<(i32, String)> = (first..)
            .map(|index| index as f64 * step)
            .take_while(|at| *at <= told.left_at_s)
            .map(|instant| (at(instant), clock(instant, language)))
            .collect();
        scale_across(area, &ticks, (top, bottom))?;
        for (index, (step, name)) in shown.iter().zip(&names).enumerate() {
            let y = top + index as i32 * 20 + 10;
            let ink = if step.wait { Ink::Text } else { Ink::Muted };
            write(area, &shortened(name, 11.5, name_width), (8, y), 11.5, ink, Anchor::Left)?;
            let (from, to) = (at(step.from_s), at(step.to_s));
            fill(area, (from, y - 7), (to.max(from + 2), y + 7), &colour_of(document, &step.cause))?;
            let time = duration(step.time_us as f64 / 1e6, language);
            write(area, &time, (to.max(from + 2) + 5, y), 10.5, Ink::Muted, Anchor::Left)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_has_at_most_ten_ticks() {
        for hours in [0.01, 0.4, 1.0, 3.7, 9.0, 30.0, 200.0] {
            let seconds = hours * 3600.0;
            let minutes = f64::from(tick_minutes(seconds));
            assert!(seconds / 60.0 / minutes <= 10.0, "{hours} h by {minutes} min");
        }
        assert_eq!(tick_minutes(1800.0), 5);
    }
}
