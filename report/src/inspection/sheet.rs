//! The form as an XLSX: one sheet a visit, then the chances, the changes tried, the score sheet, and the visits' stories.

use super::document::{HospitalPart, InspectionDocument, VisitPart};
use super::wording;
use super::writing::{number, visit_line};
use crate::figures::clock;
use crate::words::{Language, Words};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthChar;

type Written = Result<(), XlsxError>;

struct Looks {
    title: Format,
    plain: Format,
    head: Format,
    group: Format,
    cell: Format,
    share: Format,
    number: Format,
    good: Format,
    bad: Format,
    hand: Format,
    other: Format,
    wait: Format,
}

impl Looks {
    fn new() -> Looks {
        let base = Format::new().set_font_name("Noto Sans CJK SC").set_font_size(10);
        let cell = base
            .clone()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_border(FormatBorder::Thin)
            .set_border_color(Color::RGB(0xA8_B0_BA));
        let colour = |rgb: u32| cell.clone().set_font_color(Color::RGB(rgb));
        Looks {
            title: base.clone().set_font_size(14).set_bold(),
            plain: base,
            head: cell.clone().set_bold().set_background_color(Color::RGB(0xE8_EC_F1)),
            group: cell.clone().set_bold().set_background_color(Color::RGB(0xF3_F5_F8)),
            share: cell.clone().set_num_format("0.0%"),
            number: cell.clone().set_num_format("#,##0.##"),
            good: colour(0x0B_7A_57),
            bad: colour(0xB3_40_0A),
            hand: colour(0x8A_61_00),
            other: colour(0x5B_64_72),
            wait: cell.clone().set_background_color(Color::RGB(0xFF_F3_D6)),
            cell,
        }
    }

    fn of_mark(&self, mark: &str) -> &Format {
        match mark {
            "passes" => &self.good,
            "fails" => &self.bad,
            "by_hand" => &self.hand,
            _ => &self.other,
        }
    }
}

/// Chinese, and English in the next line.
fn both(words: &Words) -> String {
    let zh = words.in_language(Language::Chinese);
    if zh == words.en { zh.to_owned() } else { format!("{zh}\n{}", words.en) }
}

/// The forms of one hospital as an XLSX.
///
/// # Errors
/// None that can happen: it is written into memory, and names of sheets are short.
pub(super) fn xlsx(document: &InspectionDocument, hospital: &HospitalPart) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The same inspection gives the same bytes.
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let looks = Looks::new();
    for visit in &hospital.inspections {
        form(book.add_worksheet(), document, hospital, visit, &looks)?;
    }
    chances(book.add_worksheet(), hospital, &looks)?;
    if hospital.change.is_some() {
        changes(book.add_worksheet(), hospital, &looks)?;
    }
    if hospital.score.is_some() {
        scores(book.add_worksheet(), document, hospital, &looks)?;
    }
    stories(book.add_worksheet(), hospital, &looks)?;
    book.save_to_buffer()
}

fn set_up(sheet: &mut Worksheet, name: &str, widths: &[f64], frozen_rows: u32) -> Written {
    sheet.set_name(name)?;
    sheet
        .set_landscape()
        .set_paper_size(9)
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.4, 0.4, 0.5, 0.5, 0.3, 0.3);
    for (column, width) in widths.iter().enumerate() {
        sheet.set_column_width(column as u16, *width)?;
    }
    if frozen_rows > 0 {
        sheet.set_freeze_panes(frozen_rows, 0)?;
        sheet.set_repeat_rows(frozen_rows - 1, frozen_rows - 1)?;
    }
    Ok(())
}

fn head(sheet: &mut Worksheet, row: u32, titles: &[(&str, &str)], looks: &Looks) -> Written {
    for (column, (en, zh)) in titles.iter().enumerate() {
        sheet.write_with_format(row, column as u16, format!("{zh}\n{en}"), &looks.head)?;
    }
    sheet.set_row_height(row, 32)?;
    Ok(())
}

/// Rows as tall as their longest cell: a column of a width holds half as many Chinese characters, and a quarter more
/// Latin letters.
fn fit(sheet: &mut Worksheet, row: u32, cells: &[(&str, f64)]) -> Result<f64, XlsxError> {
    let taken = |line: &str| -> f64 {
        line.chars().map(|c| if UnicodeWidthChar::width(c) == Some(2) { 2.0 } else { 0.8 }).sum()
    };
    let lines = |text: &str, width: f64| -> f64 {
        text.lines().map(|line| (taken(line) / width).ceil().max(1.0)).sum()
    };
    let most = cells.iter().map(|(text, width)| lines(text, *width)).fold(1.0, f64::max);
    let height = 15.0 * most + 3.0;
    sheet.set_row_height(row, height)?;
    Ok(height)
}

/// Where a printed form goes on on the next page, so that no heading stands alone at the foot of one. Heights in points.
#[derive(Default)]
struct PageBreaks {
    used: f64,
    rows: Vec<u32>,
}

impl PageBreaks {
    /// What fits on a sheet of A4 across when the width of the form is fitted to it, less a little for taller fonts.
    const PAGE: f64 = 930.0;
    /// The heading that every page repeats.
    const HEAD: f64 = 32.0;

    /// A row of a height, which needs as much room as `with_next` to begin on the page.
    fn add(&mut self, row: u32, height: f64, with_next: f64) {
        if self.used + with_next > PageBreaks::PAGE {
            self.rows.push(row);
            self.used = PageBreaks::HEAD;
        }
        self.used += height;
    }
}

const PLAIN_ROW: f64 = 15.0;

const FORM_WIDTHS: [f64; 9] = [6.0, 30.0, 12.0, 34.0, 24.0, 28.0, 22.0, 40.0, 13.0];

fn form(
    sheet: &mut Worksheet,
    document: &InspectionDocument,
    hospital: &HospitalPart,
    visit: &VisitPart,
    looks: &Looks,
) -> Written {
    set_up(sheet, &format!("反馈单 Form {}", visit.number), &FORM_WIDTHS, 5)?;
    sheet.write_with_format(
        0,
        0,
        format!("就医体验反馈单 Inspection form — {}", document.document),
        &looks.title,
    )?;
    let line = visit_line(visit, hospital);
    sheet.write_with_format(1, 0, line.in_language(Language::Chinese), &looks.plain)?;
    sheet.write_with_format(2, 0, &line.en, &looks.plain)?;
    let titles = [
        ("No.", "序号"),
        ("Asked", "要求"),
        ("By", "期限"),
        ("In particular", "具体内容"),
        ("Bar", "标准"),
        ("Found on this visit", "本次所见"),
        ("From", "来源"),
        ("Over all possible visits", "全部可能就诊的分布"),
        ("Result", "结论"),
    ];
    head(sheet, 4, &titles, looks)?;
    let mut row = 5;
    let mut breaks = PageBreaks { used: 5.0 * PLAIN_ROW + PageBreaks::HEAD, ..PageBreaks::default() };
    for group in &document.groups {
        let items: Vec<_> = hospital.items.iter().filter(|item| item.group == group.id).collect();
        if items.is_empty() {
            continue;
        }
        let heading = row;
        let star = if visit.groups.contains(&group.id) { "　★本次负责 this visit's task" } else { "" };
        let title = format!("{}　{}{star}", group.title.in_language(Language::Chinese), group.title.en);
        sheet.merge_range(row, 0, row, 8, &title, &looks.group)?;
        row += 1;
        for item in items {
            let Some(filled) = visit.rows.iter().find(|filled| filled.item == item.id) else { continue };
            for (index, (field, check)) in filled.fields.iter().zip(&item.checks).enumerate() {
                let asked = if index == 0 { both(&item.title) } else { String::new() };
                let title = if check.title == item.title { String::new() } else { both(&check.title) };
                let first = if index == 0 { number(&item.id) } else { "" };
                let due = if index == 0 { item.due_by.as_deref().unwrap_or("") } else { "" };
                let (found, spread) = (both(&field.value_words), both(&check.spread_words));
                let (bar, from) = (both(&check.bar), both(&field.source_words));
                let mark = both(&field.mark_words);
                let cells = [first, &asked, due, &title, &bar, &found, &from, &spread];
                for (column, text) in cells.iter().enumerate() {
                    sheet.write_with_format(row, column as u16, *text, &looks.cell)?;
                }
                sheet.write_with_format(row, 8, &mark, looks.of_mark(&field.mark))?;
                let widths = cells.iter().copied().chain([mark.as_str()]).zip(FORM_WIDTHS);
                let height = fit(sheet, row, &widths.collect::<Vec<_>>())?;
                if row == heading + 1 {
                    breaks.add(heading, PLAIN_ROW, PLAIN_ROW + height);
                }
                breaks.add(row, height, height);
                row += 1;
            }
        }
    }
    sheet.set_page_breaks(&breaks.rows)?;
    sheet.write_with_format(row + 1, 0, "意见与建议 Remarks and suggestions:", &looks.plain)?;
    let signed = "体验人 Inspector: ____________    日期 Date: ____________";
    sheet.write_with_format(row + 3, 0, signed, &looks.plain)?;
    Ok(())
}

fn figure(sheet: &mut Worksheet, row: u32, column: u16, value: Option<f64>, look: &Format) -> Written {
    match value {
        Some(value) => sheet.write_with_format(row, column, value, look)?,
        None => sheet.write_with_format(row, column, "–", look)?,
    };
    Ok(())
}

fn chances(sheet: &mut Worksheet, hospital: &HospitalPart, looks: &Looks) -> Written {
    let widths = [8.0, 44.0, 12.0, 12.0, 12.0, 12.0, 12.0, 12.0, 16.0, 20.0];
    set_up(sheet, "通过概率 Chances", &widths, 1)?;
    let titles = [
        ("No.", "序号"),
        ("Item", "项目"),
        ("One visit", "一次体验"),
        ("from", "下限"),
        ("to", "上限"),
        ("All visits", "全部体验"),
        ("from", "下限"),
        ("to", "上限"),
        ("Fails when the form does", "整表不过时此项不过"),
        ("The rest of it", "其余要求"),
    ];
    head(sheet, 0, &titles, looks)?;
    let mut row = 1;
    for item in &hospital.items {
        sheet.write_with_format(row, 0, number(&item.id), &looks.cell)?;
        let title = both(&item.title);
        sheet.write_with_format(row, 1, &title, &looks.cell)?;
        for (offset, chance) in [(2, item.one_visit), (5, item.all_visits)] {
            figure(sheet, row, offset, chance.value, &looks.share)?;
            figure(sheet, row, offset + 1, chance.low, &looks.share)?;
            figure(sheet, row, offset + 2, chance.high, &looks.share)?;
        }
        figure(sheet, row, 8, item.measured.then_some(item.blame_share), &looks.share)?;
        let rest = match item.rest.as_str() {
            "met" => "达标 met",
            "missed" => "必不达标 missed",
            "open" => "待定 open",
            _ => "不适用 not asked",
        };
        sheet.write_with_format(row, 9, rest, &looks.cell)?;
        fit(sheet, row, &[(&title, widths[1])])?;
        row += 1;
    }
    for (title, one, all) in
        [("全部测量项 all measured items", hospital.measured_in_one, hospital.measured_in_all)]
    {
        sheet.write_with_format(row, 0, "", &looks.group)?;
        sheet.write_with_format(row, 1, title, &looks.group)?;
        for (offset, chance) in [(2, one), (5, all)] {
            figure(sheet, row, offset, chance.value, &looks.share)?;
            figure(sheet, row, offset + 1, chance.low, &looks.share)?;
            figure(sheet, row, offset + 2, chance.high, &looks.share)?;
        }
    }
    Ok(())
}

fn changes(sheet: &mut Worksheet, hospital: &HospitalPart, looks: &Looks) -> Written {
    let Some(change) = &hospital.change else { return Ok(()) };
    let widths = [52.0, 14.0, 14.0, 14.0, 14.0, 14.0, 60.0];
    set_up(sheet, "改动 Changes", &widths, 2)?;
    let title = format!("第{}项 item {}", number(&change.item), number(&change.item));
    sheet.write_with_format(0, 0, title, &looks.title)?;
    let titles = [
        ("Change tried", "已尝试的改动"),
        ("Yuan a year", "元/年"),
        ("Chance over all visits", "全部体验通过概率"),
        ("from", "下限"),
        ("to", "上限"),
        ("Enough", "足够"),
        ("--set", "--set"),
    ];
    head(sheet, 1, &titles, looks)?;
    for (index, tried) in change.tried.iter().enumerate() {
        let row = index as u32 + 2;
        let (title, set) = (both(&tried.title), tried.set.join("\n"));
        sheet.write_with_format(row, 0, &title, &looks.cell)?;
        sheet.write_with_format(row, 1, tried.cost_yuan, &looks.number)?;
        figure(sheet, row, 2, tried.chance.value, &looks.share)?;
        figure(sheet, row, 3, tried.chance.low, &looks.share)?;
        figure(sheet, row, 4, tried.chance.high, &looks.share)?;
        let enough = match tried.enough.as_str() {
            "surely" => "足够 enough",
            "perhaps" => "可能足够 perhaps",
            _ => "不足 no",
        };
        let enough = match change.cheapest == Some(index) {
            true => format!("{enough}\n最省 cheapest"),
            false => enough.to_owned(),
        };
        sheet.write_with_format(row, 5, &enough, &looks.cell)?;
        sheet.write_with_format(row, 6, &set, &looks.cell)?;
        fit(sheet, row, &[(&title, widths[0]), (&enough, widths[5]), (&set, widths[6])])?;
    }
    Ok(())
}

fn scores(
    sheet: &mut Worksheet,
    document: &InspectionDocument,
    hospital: &HospitalPart,
    looks: &Looks,
) -> Written {
    let widths = [8.0, 60.0, 12.0, 12.0, 12.0, 12.0];
    set_up(sheet, "评分表 Score sheet", &widths, 1)?;
    head(sheet, 0, &wording::SCORE_TITLES, looks)?;
    let mut row = 1;
    for group in &document.groups {
        let title = format!("{}　{}", group.title.in_language(Language::Chinese), group.title.en);
        sheet.merge_range(row, 0, row, 5, &title, &looks.group)?;
        row += 1;
        for item in hospital.items.iter().filter(|item| item.group == group.id) {
            let Some(score) = &item.points else { continue };
            let title = both(&item.title);
            sheet.write_with_format(row, 0, number(&item.id), &looks.cell)?;
            sheet.write_with_format(row, 1, &title, &looks.cell)?;
            let figures = [score.most, score.held, score.lost, score.not_sure + score.not_assessed];
            for (column, value) in figures.into_iter().enumerate() {
                sheet.write_with_format(row, column as u16 + 2, value, &looks.number)?;
            }
            fit(sheet, row, &[(&title, widths[1])])?;
            row += 1;
        }
    }
    if let Some(score) = &hospital.score {
        sheet.write_with_format(row, 1, "合计（不含加分）Total, bonus apart", &looks.group)?;
        let figures = [score.most, score.held, score.lost, score.not_sure + score.not_assessed];
        for (column, value) in figures.into_iter().enumerate() {
            sheet.write_with_format(row, column as u16 + 2, value, &looks.number)?;
        }
    }
    Ok(())
}

fn stories(sheet: &mut Worksheet, hospital: &HospitalPart, looks: &Looks) -> Written {
    set_up(sheet, "体验经过 Stories", &[10.0, 12.0, 14.0, 64.0, 14.0], 1)?;
    let titles = [
        ("Visit", "体验"),
        ("From", "时刻"),
        ("Minutes", "分钟"),
        ("What happened", "经过"),
        ("Waiting", "等候"),
    ];
    head(sheet, 0, &titles, looks)?;
    let mut row = 1;
    for visit in &hospital.inspections {
        for step in &visit.story {
            let look = if step.wait { &looks.wait } else { &looks.cell };
            let minutes = ((step.to_s - step.from_s) / 6.0).round() / 10.0;
            let what = format!("{}　{}", step.what.in_language(Language::Chinese), step.what.en);
            sheet.write_with_format(row, 0, visit.number, look)?;
            sheet.write_with_format(row, 1, clock(step.from_s, Language::Chinese), look)?;
            sheet.write_with_format(row, 2, minutes, look)?;
            sheet.write_with_format(row, 3, what, look)?;
            sheet.write_with_format(row, 4, if step.wait { "等候 waiting" } else { "" }, look)?;
            row += 1;
        }
    }
    let waited: f64 = hospital.inspections.iter().map(|visit| visit.waited_s).sum();
    let mean = waited / hospital.inspections.len().max(1) as f64;
    let words = wording::figure(mean, crate::document::Unit::Seconds);
    let said = format!("平均每次等候{}　mean waiting {}", words.zh, words.en);
    sheet.write_with_format(row + 1, 3, said, &looks.plain)?;
    Ok(())
}
