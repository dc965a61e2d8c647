//! The form as a DOCX: one form a visit, with the visit's story; in a document that scores, the score sheet first.
//!
//! The parts that never change are templates; the body is written event by event, so that every text is escaped.

use super::document::{HospitalPart, InspectionDocument, ItemPart, VisitPart};
use super::wording;
use crate::figures::{clock, duration};
use crate::words::{Language, Words};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::io::{self, Cursor, Write};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const FIXED: [(&str, &str); 4] = [
    ("[Content_Types].xml", include_str!("../../templates/inspection/content_types.xml")),
    ("_rels/.rels", include_str!("../../templates/inspection/package_rels.xml")),
    ("word/_rels/document.xml.rels", include_str!("../../templates/inspection/document_rels.xml")),
    ("word/styles.xml", include_str!("../../templates/inspection/styles.xml")),
];

/// The forms of one hospital as a DOCX.
///
/// # Errors
/// None that can happen: it is written into memory.
pub(super) fn docx(document: &InspectionDocument, hospital: &HospitalPart) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, text) in FIXED {
        zip.start_file(name, options).map_err(io::Error::other)?;
        zip.write_all(text.as_bytes())?;
    }
    zip.start_file("word/document.xml", options).map_err(io::Error::other)?;
    zip.write_all(&body(document, hospital)?)?;
    Ok(zip.finish().map_err(io::Error::other)?.into_inner())
}

/// Writes the body of a text document.
struct Pen {
    writer: Writer<Vec<u8>>,
}

/// A paragraph: its style, its text, its colour.
struct Line<'a> {
    style: &'a str,
    text: &'a str,
    colour: Option<&'a str>,
}

/// A cell: its width in twentieths of a point, how many columns it spans, its background, its lines.
struct Cell {
    width: u32,
    span: u32,
    ground: Option<&'static str>,
    lines: Vec<(&'static str, String, Option<&'static str>)>,
}

impl Cell {
    fn of(width: u32) -> Cell {
        Cell { width, span: 1, ground: None, lines: Vec::new() }
    }

    /// Chinese, and English under it.
    fn both(mut self, words: &Words, colour: Option<&'static str>) -> Cell {
        let zh = words.in_language(Language::Chinese);
        self.lines.push(("Normal", zh.to_owned(), colour));
        if zh != words.en {
            self.lines.push(("English", words.en.clone(), None));
        }
        self
    }

    fn plain(mut self, text: impl Into<String>) -> Cell {
        self.lines.push(("Normal", text.into(), None));
        self
    }
}

impl Pen {
    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.writer.write_event(Event::Start(start))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.writer.write_event(Event::Empty(start))
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        self.open("w:p", &[])?;
        self.open("w:pPr", &[])?;
        self.empty("w:pStyle", &[("w:val", line.style)])?;
        self.close("w:pPr")?;
        self.open("w:r", &[])?;
        if let Some(colour) = line.colour {
            self.open("w:rPr", &[])?;
            self.empty("w:color", &[("w:val", colour)])?;
            self.close("w:rPr")?;
        }
        self.open("w:t", &[("xml:space", "preserve")])?;
        self.writer.write_event(Event::Text(BytesText::new(line.text)))?;
        self.close("w:t")?;
        self.close("w:r")?;
        self.close("w:p")
    }

    fn text(&mut self, style: &str, text: &str) -> io::Result<()> {
        self.line(&Line { style, text, colour: None })
    }

    fn both(&mut self, style: &str, words: &Words) -> io::Result<()> {
        self.text(style, words.in_language(Language::Chinese))?;
        if words.in_language(Language::Chinese) == words.en {
            Ok(())
        } else {
            self.text("English", &words.en)
        }
    }

    fn page_break(&mut self) -> io::Result<()> {
        self.open("w:p", &[])?;
        self.open("w:r", &[])?;
        self.empty("w:br", &[("w:type", "page")])?;
        self.close("w:r")?;
        self.close("w:p")
    }

    fn table(&mut self, widths: &[u32], head: Vec<Cell>, rows: Vec<Vec<Cell>>) -> io::Result<()> {
        self.open("w:tbl", &[])?;
        self.open("w:tblPr", &[])?;
        let total = widths.iter().sum::<u32>().to_string();
        self.empty("w:tblW", &[("w:w", &total), ("w:type", "dxa")])?;
        self.open("w:tblBorders", &[])?;
        for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
            let border = [("w:val", "single"), ("w:sz", "4"), ("w:space", "0"), ("w:color", "A8B0BA")];
            self.empty(&format!("w:{side}"), &border)?;
        }
        self.close("w:tblBorders")?;
        self.empty("w:tblLayout", &[("w:type", "fixed")])?;
        self.open("w:tblCellMar", &[])?;
        for (side, width) in [("top", "40"), ("left", "80"), ("bottom", "40"), ("right", "80")] {
            self.empty(&format!("w:{side}"), &[("w:w", width), ("w:type", "dxa")])?;
        }
        self.close("w:tblCellMar")?;
        self.close("w:tblPr")?;
        self.open("w:tblGrid", &[])?;
        for width in widths {
            self.empty("w:gridCol", &[("w:w", &width.to_string())])?;
        }
        self.close("w:tblGrid")?;
        self.row(head, true)?;
        for row in rows {
            self.row(row, false)?;
        }
        self.close("w:tbl")
    }

    fn row(&mut self, cells: Vec<Cell>, is_head: bool) -> io::Result<()> {
        self.open("w:tr", &[])?;
        self.open("w:trPr", &[])?;
        self.empty("w:cantSplit", &[])?;
        if is_head {
            self.empty("w:tblHeader", &[])?;
        }
        self.close("w:trPr")?;
        for cell in cells {
            self.open("w:tc", &[])?;
            self.open("w:tcPr", &[])?;
            self.empty("w:tcW", &[("w:w", &cell.width.to_string()), ("w:type", "dxa")])?;
            if cell.span > 1 {
                self.empty("w:gridSpan", &[("w:val", &cell.span.to_string())])?;
            }
            if let Some(ground) = cell.ground.or(is_head.then_some("E8ECF1")) {
                self.empty("w:shd", &[("w:val", "clear"), ("w:color", "auto"), ("w:fill", ground)])?;
            }
            self.close("w:tcPr")?;
            for (style, text, colour) in &cell.lines {
                self.line(&Line { style, text, colour: *colour })?;
            }
            if cell.lines.is_empty() {
                self.text("Normal", "")?;
            }
            self.close("w:tc")?;
        }
        self.close("w:tr")
    }
}

fn head(widths: &[u32], titles: &[(&str, &str)]) -> Vec<Cell> {
    let cell = |(width, (en, zh)): (&u32, &(&str, &str))| Cell::of(*width).both(&Words::new(*en, *zh), None);
    widths.iter().zip(titles).map(cell).collect()
}

fn group_row(width: u32, span: u32, title: &Words) -> Vec<Cell> {
    let text = format!("{}　{}", title.in_language(Language::Chinese), title.en);
    vec![Cell { width, span, ground: Some("F3F5F8"), lines: vec![("Group", text, None)] }]
}

fn body(document: &InspectionDocument, hospital: &HospitalPart) -> io::Result<Vec<u8>> {
    let mut pen = Pen { writer: Writer::new(Vec::new()) };
    pen.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), Some("yes"))))?;
    pen.open("w:document", &[("xmlns:w", MAIN)])?;
    pen.open("w:body", &[])?;
    let mut is_first = true;
    if hospital.score.is_some() {
        score_sheet(&mut pen, document, hospital)?;
        is_first = false;
    }
    for visit in &hospital.inspections {
        if !is_first {
            pen.page_break()?;
        }
        is_first = false;
        form(&mut pen, document, hospital, visit)?;
        story(&mut pen, visit)?;
    }
    pen.open("w:sectPr", &[])?;
    pen.empty("w:pgSz", &[("w:w", "16838"), ("w:h", "11906"), ("w:orient", "landscape")])?;
    let margins = [
        ("w:top", "850"),
        ("w:right", "850"),
        ("w:bottom", "850"),
        ("w:left", "850"),
        ("w:header", "400"),
        ("w:footer", "400"),
        ("w:gutter", "0"),
    ];
    pen.empty("w:pgMar", &margins)?;
    pen.close("w:sectPr")?;
    pen.close("w:body")?;
    pen.close("w:document")?;
    Ok(pen.writer.into_inner())
}

/// A colour for a mark.
fn ink(mark: &str) -> Option<&'static str> {
    match mark {
        "passes" => Some("0B7A57"),
        "fails" => Some("B3400A"),
        "by_hand" => Some("8A6100"),
        _ => Some("5B6472"),
    }
}

/// Number of a row: the last part of its id.
pub(super) fn number(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// What the form says of the visit: who came, when.
pub(super) fn visit_line(visit: &VisitPart, hospital: &HospitalPart) -> Words {
    let say = |language: Language| {
        let (arrived, left) = (clock(visit.arrived_at_s, language), clock(visit.left_at_s, language));
        match language {
            Language::English => format!(
                "Hospital: {} ({}). Visit {}, week {}, simulated day {}; as {} patient, {}{}; {arrived} to {left}.",
                hospital.title.en,
                hospital.name,
                visit.number,
                visit.week,
                visit.day + 1,
                visit.class.en,
                if visit.booked { "booked" } else { "walking in" },
                if visit.off_hours { ", at off hours" } else { "" },
            ),
            Language::Chinese => format!(
                "体验单位：{}（{}）。第{}次，第{}周，模拟第{}天；身份：{}，{}{}；{arrived}至{left}。",
                hospital.title.in_language(language),
                hospital.name,
                visit.number,
                visit.week,
                visit.day + 1,
                visit.class.in_language(language),
                if visit.booked { "预约就诊" } else { "现场就诊" },
                if visit.off_hours { "，非工作时间" } else { "" },
            ),
        }
    };
    Words::in_both(say)
}

const FORM_WIDTHS: [u32; 6] = [700, 3700, 1350, 5600, 1850, 1900];

fn form(
    pen: &mut Pen,
    document: &InspectionDocument,
    hospital: &HospitalPart,
    visit: &VisitPart,
) -> io::Result<()> {
    pen.both("Title", &Words::new("Inspection form", "就医体验反馈单"))?;
    pen.both("Normal", &document.title)?;
    pen.both("Normal", &visit_line(visit, hospital))?;
    pen.text("Normal", "")?;
    let titles = [
        ("No.", "序号"),
        ("Asked", "要求"),
        ("By", "期限"),
        ("Found on this visit · over all possible visits", "本次所见 · 全部可能就诊的分布"),
        ("From", "来源"),
        ("Result", "结论"),
    ];
    let mut rows = Vec::new();
    for group in &document.groups {
        let of_group: Vec<&ItemPart> = hospital.items.iter().filter(|item| item.group == group.id).collect();
        if of_group.is_empty() {
            continue;
        }
        let title = if visit.groups.contains(&group.id) {
            Words::new(
                format!("{} ★ this visit's task", group.title.en),
                format!("{} ★本次负责", group.title.zh),
            )
        } else {
            group.title.clone()
        };
        rows.push(group_row(FORM_WIDTHS.iter().sum(), 6, &title));
        for item in of_group {
            rows.extend(form_row(item, visit));
        }
    }
    pen.table(&FORM_WIDTHS, head(&FORM_WIDTHS, &titles), rows)?;
    pen.text("Normal", "")?;
    pen.both(
        "Normal",
        &Words::new(
            "Remarks and suggestions: ______________________________",
            "意见与建议：______________________________",
        ),
    )?;
    let due = onetrip_studies::inspection::rules::FORM_DUE_DAYS;
    pen.both(
        "Normal",
        &Words::new(
            format!("Inspector: ______________   Date: ______________   (to be handed in within {due} days)"),
            format!("体验人：______________　日期：______________　（体验后{due}天内提交）"),
        ),
    )
}

fn form_row(item: &ItemPart, visit: &VisitPart) -> Option<Vec<Cell>> {
    let row = visit.rows.iter().find(|row| row.item == item.id)?;
    let [number_width, asked, by, found, from, result] = FORM_WIDTHS;
    let mut found = Cell::of(found);
    let mut sources = Cell::of(from);
    for (field, check) in row.fields.iter().zip(&item.checks).take(row.shown_fields()) {
        let title = if check.title == item.title || row.is_not_asked() {
            Words::default()
        } else {
            check.title.clone()
        };
        let blank = Words::new("__________", "__________");
        let value = if field.value_words.is_empty() { &blank } else { &field.value_words };
        // The words of a list stand in the field itself, ticked or not.
        let bar_of = |language: Language| match field.value_words.in_language(language).contains(['☑', '☐'])
        {
            true => String::new(),
            false => check.bar.in_language(language).to_owned(),
        };
        let line = |language: Language| {
            let (title, bar) = (title.in_language(language), bar_of(language));
            let named = match (title.is_empty(), bar.is_empty(), language) {
                (true, true, _) => return value.in_language(language).to_owned(),
                (_, true, _) => title.to_owned(),
                (true, ..) => bar,
                (_, _, Language::English) => format!("{title} ({bar})"),
                (_, _, Language::Chinese) => format!("{title}（{bar}）"),
            };
            format!("{named}{}{}", language.pick(": ", "："), value.in_language(language))
        };
        found = found.both(&Words::in_both(line), None);
        if !check.spread_words.is_empty() {
            let spread = Words::in_both(|language| {
                format!(
                    "{}{}",
                    language.pick("all visits: ", "全部就诊："),
                    check.spread_words.in_language(language)
                )
            });
            found.lines.push(("English", spread.zh, None));
            found.lines.push(("English", spread.en, None));
        }
        let named = Words::in_both(|language| field.source_words.in_language(language).to_owned());
        if !named.is_empty() && !sources.lines.iter().any(|(_, text, _)| *text == named.zh) {
            sources = sources.both(&named, None);
        }
    }
    Some(vec![
        Cell::of(number_width).plain(number(&item.id)),
        Cell::of(asked).both(&item.title, None),
        Cell::of(by).plain(item.due_by.clone().unwrap_or_default()),
        found,
        sources,
        Cell::of(result).both(&row.mark_words, ink(&row.mark)),
    ])
}

const STORY_WIDTHS: [u32; 4] = [1500, 1700, 9900, 2000];

fn story(pen: &mut Pen, visit: &VisitPart) -> io::Result<()> {
    pen.page_break()?;
    pen.both("Heading", &Words::new("The visit, step by step", "体验经过"))?;
    let titles = [("From", "时刻"), ("Took", "用时"), ("What happened", "经过"), ("Waiting", "等候")];
    let rows = visit.story.iter().map(|step| {
        let length = step.to_s - step.from_s;
        let took = if length > 0.0 {
            Words::in_both(|language| duration(length, language))
        } else {
            Words::default()
        };
        let mut row = vec![
            Cell::of(STORY_WIDTHS[0]).plain(clock(step.from_s, Language::Chinese)),
            Cell::of(STORY_WIDTHS[1]).plain(took.zh.clone()),
            Cell::of(STORY_WIDTHS[2]).plain(format!(
                "{}　{}",
                step.what.in_language(Language::Chinese),
                step.what.en
            )),
            Cell::of(STORY_WIDTHS[3]).plain(if step.wait { "等候 waiting" } else { "" }),
        ];
        if step.wait {
            row.iter_mut().for_each(|cell| cell.ground = Some("FFF3D6"));
        }
        row
    });
    pen.table(&STORY_WIDTHS, head(&STORY_WIDTHS, &titles), rows.collect())
}

const SCORE_WIDTHS: [u32; 6] = [900, 8200, 1500, 1500, 1500, 1500];

fn score_sheet(pen: &mut Pen, document: &InspectionDocument, hospital: &HospitalPart) -> io::Result<()> {
    pen.both("Title", &Words::new("Score sheet", "任务评分表"))?;
    pen.both("Normal", &document.title)?;
    let named = |language: Language| format!("{} ({})", hospital.title.in_language(language), hospital.name);
    pen.both("Normal", &Words::in_both(named))?;
    pen.text("Normal", "")?;
    let cells = |first: &str, title: &Words, most: String, score: &crate::document::ScorePart| {
        vec![
            Cell::of(SCORE_WIDTHS[0]).plain(first),
            Cell::of(SCORE_WIDTHS[1]).both(title, None),
            Cell::of(SCORE_WIDTHS[2]).plain(most),
            Cell::of(SCORE_WIDTHS[3]).plain(points(score.held)),
            Cell::of(SCORE_WIDTHS[4]).plain(points(score.lost)),
            Cell::of(SCORE_WIDTHS[5]).plain(points(score.not_sure + score.not_assessed)),
        ]
    };
    let mut rows = Vec::new();
    for group in &document.groups {
        rows.push(group_row(SCORE_WIDTHS.iter().sum(), 6, &group.title));
        for item in hospital.items.iter().filter(|item| item.group == group.id) {
            if let Some(score) = &item.points {
                let sign = if item.is_bonus { "+" } else { "" };
                rows.push(cells(
                    number(&item.id),
                    &item.title,
                    format!("{sign}{}", points(score.most)),
                    score,
                ));
            }
        }
    }
    if let Some(score) = &hospital.score {
        rows.push(cells(
            "",
            &Words::new("Total, bonus apart", "合计（不含加分）"),
            points(score.most),
            score,
        ));
    }
    pen.table(&SCORE_WIDTHS, head(&SCORE_WIDTHS, &wording::SCORE_TITLES), rows)
}

/// Points without needless decimals.
pub(super) fn points(value: f64) -> String {
    format!("{}", (value * 100.0).round() / 100.0)
}
