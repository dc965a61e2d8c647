//! How many wait at each hour, and how much days differ.

use super::Sketch;
use super::canvas::{self, BLUE, Drawn, Panel, Swatch, legend, nice_limit, tick};
use crate::document::{ByHour, RunDocument, StationPart};
use crate::words::{Language, Words};

const SHOWN: usize = 6;
const WIDTH: i32 = 760;
const PANEL: (i32, i32) = (380, 190);
const HEAD: i32 = 44;
/// A queue shorter than this on average is not drawn.
const SEEN: f64 = 0.05;

pub(super) fn sketch() -> Sketch {
    Sketch {
        name: "queues",
        title: Words::new("Queues through the day", "全天排队变化"),
        caption: Words::new(
            "Mean number waiting in each hour. The dark band is the interval of the mean; in eight replications of \
             ten the queue of that hour lay in the light band.",
            "各时段平均等候人数；深色带为均值置信区间，浅色带含该时段十次重复中的八次。",
        ),
        draw,
    }
}

fn peak(hours: &ByHour) -> f64 {
    let tops = hours.queue_length.iter().chain(&hours.queue_length_p90).chain(&hours.queue_length_high);
    tops.flatten().copied().fold(0.0, f64::max)
}

fn draw(document: &RunDocument, language: Language) -> Option<String> {
    let stations: Vec<(&StationPart, &ByHour)> = document
        .stations_by_waiting()
        .into_iter()
        .filter_map(|station| Some((station, station.by_hour.as_ref()?)))
        .filter(|(_, hours)| hours.queue_length.iter().flatten().any(|&length| length > SEEN))
        .take(SHOWN)
        .collect();
    let is_busy = |hour: &usize| {
        stations.iter().any(|(_, hours)| hours.queue_length[*hour].is_some_and(|length| length > SEEN))
    };
    let first = (0..24).find(is_busy)?;
    let last = (0..24).rev().find(is_busy)?;
    let rows = stations.len().div_ceil(2) as i32;
    let has_band = stations.iter().any(|(_, hours)| hours.queue_length_p90.iter().flatten().next().is_some());
    let title = sketch().title;
    let picture = canvas::picture(WIDTH, HEAD + rows * PANEL.1, title.in_language(language), |area| {
        let mut entries = vec![(Swatch::Line(BLUE), language.pick("mean number waiting", "平均等候人数"))];
        if has_band {
            entries
                .push((Swatch::Surface(BLUE, 0.45), language.pick("interval of the mean", "均值置信区间")));
            let most = language.pick("8 replications of 10", "十次重复中的八次");
            entries.push((Swatch::Surface(BLUE, 0.18), most));
        }
        legend(area, (12, 16), &entries)?;
        for (index, (station, hours)) in stations.iter().enumerate() {
            let (row, column) = (index as i32 / 2, index as i32 % 2);
            let corner = (column * PANEL.0, HEAD + row * PANEL.1);
            let name = station.title.or_name(&station.id, language);
            panel(area, name, hours, first..last + 1, corner)?;
        }
        Ok(())
    });
    Some(picture)
}

fn panel(
    area: &canvas::Area<'_>,
    name: &str,
    hours: &ByHour,
    shown: std::ops::Range<usize>,
    corner: (i32, i32),
) -> Drawn {
    let (limit, step) = nice_limit(peak(hours).max(0.5));
    let every = if shown.len() > 14 { 3 } else { 2 };
    let ticks = (shown.start..=shown.end)
        .filter(|hour| hour.is_multiple_of(every))
        .map(|hour| (hour as f64, format!("{hour:02}:00")))
        .collect();
    let marks = (0..=(limit / step).round() as i32).map(|index| f64::from(index) * step);
    let up = (limit, marks.map(|value| (value, tick(value))).collect());
    let across = (shown.start as f64, shown.end as f64, ticks);
    let panel = Panel { corner, size: PANEL, across, up };
    panel.frame(area, name)?;
    // A figure of an hour stands in its middle.
    let band = |low: &[Option<f64>], high: &[Option<f64>]| -> Vec<(f64, f64, f64)> {
        shown.clone().filter_map(|hour| Some((hour as f64 + 0.5, low[hour]?, high[hour]?))).collect()
    };
    let days = band(&hours.queue_length_p10, &hours.queue_length_p90);
    if days.len() > 1 {
        panel.band(area, &days, &BLUE, 0.18)?;
    }
    // An hour whose replications are all alike has no interval; the band is then the mean itself.
    let or_mean = |ends: &[Option<f64>]| -> Vec<Option<f64>> {
        ends.iter().zip(&hours.queue_length).map(|(end, mean)| end.or(*mean)).collect()
    };
    let mean_band = band(&or_mean(&hours.queue_length_low), &or_mean(&hours.queue_length_high));
    if mean_band.len() > 1 && hours.queue_length_low.iter().any(Option::is_some) {
        panel.band(area, &mean_band, &BLUE, 0.45)?;
    }
    let mean: Vec<(f64, f64)> =
        shown.clone().filter_map(|hour| Some((hour as f64 + 0.5, hours.queue_length[hour]?))).collect();
    panel.curve(area, &mean, &BLUE)
}
