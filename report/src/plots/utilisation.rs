//! How busy servers are.

use super::Sketch;
use super::canvas::{self, Anchor, BLUE, Ink, ORANGE, VERMILION, fill, line, shortened, text_width, write};
use crate::document::{RunDocument, StationPart, Unit};
use crate::figures::{show_with_interval, whole_percent};
use crate::words::{Language, Words};

const SHOWN: usize = 24;
const WIDTH: i32 = 760;
const ROW: i32 = 24;
const HEAD: i32 = 12;
const FOOT: i32 = 28;
const NOTE: i32 = 20;

pub(super) fn sketch() -> Sketch {
    Sketch {
        name: "utilisation",
        title: Words::new("How busy the stations are", "各站点利用率"),
        caption: Words::new(
            "Share of the time on duty in which servers are busy. Above about 85 % (orange) small surges make long \
             queues; above 95 % (red) the queue hardly ever empties.",
            "在岗时间中忙碌所占比例；约85%以上（橙色）小的波动即成长队，95%以上（红色）队伍难以清空。",
        ),
        draw,
    }
}

fn draw(document: &RunDocument, language: Language) -> Option<String> {
    let mut stations: Vec<(&StationPart, f64)> = document
        .stations
        .iter()
        .filter(|station| station.has_queue)
        .filter_map(|station| Some((station, station.utilisation_share?)))
        .collect();
    if stations.is_empty() {
        return None;
    }
    stations.sort_by(|a, b| b.1.total_cmp(&a.1));
    let left_out = stations.len().saturating_sub(SHOWN);
    stations.truncate(SHOWN);
    let name = |station: &StationPart| station.title.or_name(&station.id, language).to_owned();
    let widest = stations.iter().map(|(station, _)| text_width(&name(station), 12.0)).max().unwrap_or(0);
    let left = widest.clamp(60, 240) + 16;
    let right = WIDTH - 110;
    let largest = stations.iter().map(|(_, share)| *share).fold(1.0, f64::max);
    let column = |share: f64| left + (share.min(largest) / largest * f64::from(right - left)).round() as i32;
    let bottom = HEAD + stations.len() as i32 * ROW;
    let foot = if left_out > 0 { FOOT + NOTE } else { FOOT };
    let picture = canvas::picture(WIDTH, bottom + foot, sketch().title.in_language(language), |area| {
        for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let x = column(share);
            line(area, (x, HEAD), (x, bottom), &Ink::Grid.colour(), if share == 1.0 { 4 } else { 1 })?;
            let text = whole_percent(share, language);
            write(area, &text, (x, bottom + 12), 11.0, Ink::Muted, Anchor::Middle)?;
        }
        for (index, (station, share)) in stations.iter().enumerate() {
            let middle = HEAD + index as i32 * ROW + ROW / 2;
            let colour = match share {
                share if *share >= 0.95 => VERMILION,
                share if *share >= 0.85 => ORANGE,
                _ => BLUE,
            };
            let title = shortened(&name(station), 12.0, left - 12);
            write(area, &title, (left - 8, middle), 12.0, Ink::Text, Anchor::Right)?;
            fill(area, (left, middle - 7), (column(*share), middle + 7), &colour)?;
            let figure = station.utilisation();
            if let (Some(low), Some(high)) = (figure.low, figure.high) {
                let (from, to) = (column(low.max(0.0)), column(high));
                line(area, (from, middle), (to, middle), &Ink::Text.colour(), 3)?;
                for end in [from, to] {
                    line(area, (end, middle - 3), (end, middle + 3), &Ink::Text.colour(), 3)?;
                }
            }
            let text = show_with_interval(&figure, Unit::Share, language);
            let x = column(figure.high.unwrap_or(*share).max(*share)) + 7;
            write(area, &text, (x, middle), 11.5, Ink::Muted, Anchor::Left)?;
        }
        if left_out > 0 {
            let said = match language {
                Language::English => format!("and {left_out} less busy stations"),
                Language::Chinese => format!("另有{left_out}个较闲站点"),
            };
            write(area, &said, (left, bottom + FOOT + 6), 11.0, Ink::Muted, Anchor::Left)?;
        }
        Ok(())
    });
    Some(picture)
}
