//! Plain tables: columns that align, also in Chinese, and that wrap on a terminal only.

use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};

/// What stands in a column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// A name that must not be torn.
    Name,
    /// A name so long that it may be torn on a narrow terminal, to leave room for words.
    Path,
    /// A number: leans right, is not torn.
    Number,
    /// Words that may wrap.
    Words,
}

/// The most of a line, in per cent, that paths take.
const MOST_OF_PATHS: u16 = 40;

/// A table with one row of headings.
pub(crate) fn table(columns: &[(&str, Column)], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')));
    let is_terminal = table.is_tty();
    if is_terminal {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table.set_header(columns.iter().map(|(heading, _)| Cell::new(heading).add_attribute(Attribute::Bold)));
    table.add_rows(rows);
    for (column, (_, kind)) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, 1));
        if *kind == Column::Number {
            column.set_cell_alignment(CellAlignment::Right);
        }
        match kind {
            Column::Name | Column::Number => {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
            Column::Path if is_terminal => {
                column.set_constraint(ColumnConstraint::UpperBoundary(Width::Percentage(MOST_OF_PATHS)));
            }
            Column::Path | Column::Words => {}
        }
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_under_chinese_headings() {
        let rows =
            vec![vec!["挂号".to_owned(), "7".to_owned()], vec!["pharmacy".to_owned(), "12".to_owned()]];
        let text = table(&[("地点", Column::Name), ("数", Column::Number)], rows);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "地点      数");
        assert_eq!(lines[2], "挂号       7");
        assert_eq!(lines[3], "pharmacy  12");
    }
}
