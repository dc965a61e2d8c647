//! A region's day as tables of a terminal. A table that is wider than the terminal is broken into several, each with the
//! names in front.

use super::{ClassPart, RegionDocument, SHOWN};
use crate::figures::{Shown, count, show};
use crate::terminal::{MINIMUM_WIDTH, fitted, plain_table, table_text, wrapped};
use crate::words::Language;
use anstyle::Style;
use comfy_table::{Attribute, Cell};
use unicode_width::UnicodeWidthStr;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Columns between figures; a table keeps one by itself.
const GAP: usize = 2;
/// Columns before the names.
const INDENT: usize = 2;
/// The narrowest column of names, so that a word is seldom torn.
const NARROWEST_NAMES: usize = 13;

/// The day in one language, in lines no wider than `width` columns (but at least [`MINIMUM_WIDTH`]).
pub fn render(document: &RegionDocument, language: Language, width: usize) -> String {
    let width = width.max(MINIMUM_WIDTH);
    let title = document.region.title.in_language(language);
    let id = &document.region.id;
    let facts = wrapped(&document.facts(language), width);
    let mut out = format!("{BOLD}{title}{BOLD:#}  {DIM}{id}{DIM:#}\n{DIM}{}{DIM:#}\n\n", facts.trim_end());
    out.push_str(&table(&kinds(document, language), width));
    out.push('\n');
    out.push_str(&table(&parts(document, language), width));
    out.push('\n');
    out.push_str(&wrapped(&document.ending(language), width));
    if document.is_cut_short {
        out.push_str(&wrapped(document.cut_short(language), width));
    }
    out
}

/// Names, and columns of figures about them.
struct Figures {
    heading: String,
    names: Vec<String>,
    columns: Vec<Column>,
}

struct Column {
    /// Line by line.
    heading: Vec<String>,
    cells: Vec<Shown>,
}

impl Column {
    fn width(&self) -> usize {
        let cells = self.cells.iter().flat_map(|cell| [cell.value.width(), cell.plus_minus.width()]);
        cells.chain(self.heading.iter().map(|line| line.width())).max().unwrap_or(0)
    }
}

impl Figures {
    fn new(headings: Vec<String>, names: Vec<String>, columns: Vec<Vec<Shown>>) -> Figures {
        let mut headings = headings.into_iter();
        let heading = headings.next().unwrap_or_default();
        let column = |(heading, cells): (String, Vec<Shown>)| Column {
            heading: heading.lines().map(str::to_owned).collect(),
            cells,
        };
        Figures { heading, names, columns: headings.zip(columns).map(column).collect() }
    }

    /// How many columns the widest name, or the heading over the names, takes.
    fn widest_name(&self) -> usize {
        self.names.iter().chain([&self.heading]).map(|name| name.width()).max().unwrap_or(0)
    }
}

fn kinds(document: &RegionDocument, language: Language) -> Figures {
    let counted = |of: &dyn Fn(&ClassPart) -> u64| document.classes.iter().map(of).map(whole).collect();
    let mut columns: Vec<Vec<Shown>> = vec![
        counted(&|class| class.facility_count),
        counted(&|class| class.accounting.arrived),
        counted(&|class| class.accounting.left_without_being_seen),
    ];
    columns.extend(SHOWN.iter().map(|id| {
        let of = |class: &ClassPart| match class.measures.iter().find(|measure| measure.id == *id) {
            Some(measure) => show(&measure.figure, measure.unit, language),
            None => bare("–".to_owned()),
        };
        document.classes.iter().map(of).collect()
    }));
    let names =
        document.classes.iter().map(|class| class.name.title.in_language(language).to_owned()).collect();
    Figures::new(RegionDocument::headings_of_kinds(language), names, columns)
}

fn parts(document: &RegionDocument, language: Language) -> Figures {
    let names = document.shards.iter().map(|shard| shard.name.title.in_language(language).to_owned());
    let columns = RegionDocument::counts_of_parts()
        .map(|of| document.shards.iter().map(of).map(whole).collect::<Vec<Shown>>());
    Figures::new(RegionDocument::headings_of_parts(language), names.collect(), columns.into())
}

fn whole(number: u64) -> Shown {
    bare(count(number))
}

fn bare(value: String) -> Shown {
    Shown { value, plus_minus: String::new() }
}

/// The figures, in one table where they fit, with names broken into lines if need be, else in several.
fn table(figures: &Figures, width: usize) -> String {
    let of_columns = |columns: &[Column]| columns.iter().map(|one| GAP + one.width()).sum::<usize>();
    let left = width.saturating_sub(INDENT + of_columns(&figures.columns));
    let widest = figures.widest_name();
    if left >= NARROWEST_NAMES.min(widest) {
        return one_table(figures, &figures.columns, left.min(widest), width);
    }
    let name_width = widest.min(width / 3);
    let mut tables = Vec::new();
    let mut rest = figures.columns.as_slice();
    while !rest.is_empty() {
        let fits = |count: &usize| INDENT + name_width + of_columns(&rest[..*count]) <= width;
        let taken = (1..=rest.len()).take_while(fits).last().unwrap_or(1);
        let (now, later) = rest.split_at(taken);
        tables.push(one_table(figures, now, name_width, width));
        rest = later;
    }
    tables.join("\n")
}

fn one_table(figures: &Figures, columns: &[Column], name_width: usize, width: usize) -> String {
    let mut table = plain_table(width);
    let height = columns.iter().map(|column| column.heading.len()).max().unwrap_or(1);
    let heading = |column: &Column| {
        let above = "\n".repeat(height - column.heading.len());
        Cell::new(above + &column.heading.join("\n")).add_attribute(Attribute::Dim)
    };
    let over_names = "\n".repeat(height - 1) + &figures.heading;
    let first = Cell::new(over_names).add_attribute(Attribute::Dim);
    table.set_header(std::iter::once(first).chain(columns.iter().map(heading)));
    for (row, name) in figures.names.iter().enumerate() {
        let name = wrapped(name, name_width);
        let mut lines = name.lines();
        let values = columns.iter().map(|column| Cell::new(&column.cells[row].value));
        table.add_row(std::iter::once(name_cell(lines.next(), name_width)).chain(values));
        if columns.iter().any(|column| !column.cells[row].plus_minus.is_empty()) {
            let intervals = columns
                .iter()
                .map(|column| Cell::new(&column.cells[row].plus_minus).add_attribute(Attribute::Dim));
            table.add_row(std::iter::once(name_cell(lines.next(), name_width)).chain(intervals));
        }
        for line in lines {
            table.add_row([name_cell(Some(line), name_width)]);
        }
    }
    table_text(table, 1, GAP as u16 - 1)
}

fn name_cell(line: Option<&str>, width: usize) -> Cell {
    Cell::new(fitted(line.unwrap_or_default(), width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Figure, Unit};
    use crate::region::{Account, FORMAT, MeasureValue, NamedPart, ShardPart};
    use crate::words::Words;

    fn named(en: &str, zh: &str) -> NamedPart {
        NamedPart { id: "x".to_owned(), title: Words::new(en, zh) }
    }

    /// A region with names and numbers as long as those of a country.
    fn region() -> RegionDocument {
        let accounting = Account {
            arrived: 26_123_456,
            completed: 26_000_000,
            left_without_being_seen: 123_456,
            still_inside: 0,
        };
        let measure = |id: &&str| MeasureValue {
            id: (*id).to_owned(),
            title: Words::default(),
            unit: if id.ends_with("share") { Unit::Share } else { Unit::Seconds },
            definition: Words::default(),
            figure: Figure { value: Some(0.9), low: Some(0.85), high: Some(0.95), n: 11 },
        };
        RegionDocument {
            format: FORMAT.to_owned(),
            region: named("A day of a country", "全国一日"),
            command: String::new(),
            version: String::new(),
            rng_seed: 1,
            facility_count: 1_070_000,
            event_count: 150_000_000,
            is_cut_short: true,
            accounting,
            classes: vec![ClassPart {
                name: named("Hospitals of the first or no grade", "社区卫生服务中心（乡镇卫生院）"),
                facility_count: 1_070_000,
                accounting,
                measures: SHOWN.iter().map(measure).collect(),
            }],
            shards: vec![ShardPart {
                name: named("Inner Mongolia", "内蒙古自治区"),
                facility_count: 1,
                accounting,
            }],
            methods: Vec::new(),
        }
    }

    #[test]
    fn tables_are_no_wider_than_the_terminal_and_hold_every_figure() {
        for language in Language::ALL {
            for width in [72, 80, 100, 120, 200] {
                let text = anstream::adapter::strip_str(&render(&region(), language, width)).to_string();
                let widest = text.lines().map(|line| line.width()).max().unwrap_or(0);
                assert!(widest <= width, "{widest} columns of {width}:\n{text}");
                let share = language.pick("90 %", "90%");
                for figure in ["26,123,456", "26,000,000", "123,456", "1,070,000", "0.90", "±0.05", share] {
                    assert!(text.contains(figure), "{figure} of {width}:\n{text}");
                }
            }
        }
    }

    #[test]
    fn a_wide_terminal_has_one_table_of_kinds_and_a_narrow_one_several() {
        let tables = |width| {
            let text = render(&region(), Language::English, width);
            text.matches("kind of facility").count()
        };
        assert_eq!((tables(100), tables(72)), (1, 2));
    }
}
