//! A column and its type. The type follows from the name where it can, so that the same column has the same type in every
//! folder, whatever its values happen to be.

/// Columns that are text even where every value looks like a number (the unit of a share is `1`).
const TEXTS: [&str; 12] = [
    "id",
    "unit",
    "measure",
    "variable",
    "figure",
    "item",
    "check",
    "kind",
    "verdict",
    "class",
    "outcome",
    "comparison",
];
/// Columns of whole numbers.
const WHOLE: [&str; 4] = ["point", "n", "number", "source"];

/// A column of a table.
#[derive(Clone, PartialEq, Debug)]
pub struct Column {
    /// Its name, with the unit in it.
    pub name: String,
    /// Its values.
    pub values: Values,
}

/// The values of a column; `None` where the CSV file has nothing.
#[derive(Clone, PartialEq, Debug)]
pub enum Values {
    /// Whole numbers.
    Whole(Vec<Option<i64>>),
    /// Numbers.
    Number(Vec<Option<f64>>),
    /// Texts.
    Text(Vec<Option<String>>),
}

impl Column {
    /// A column of texts as the type that its name says, else numbers where all are numbers.
    pub fn new(name: &str, cells: Vec<Option<String>>) -> Column {
        let is_text = TEXTS.contains(&name) || name.ends_with("_en") || name.ends_with("_zh");
        let is_whole = WHOLE.contains(&name) || name.ends_with("_count");
        let values = match is_text {
            true => None,
            false if is_whole => all(&cells, |cell| cell.parse().ok()).map(Values::Whole),
            false => all(&cells, |cell| cell.parse().ok()).map(Values::Number),
        };
        Column { name: name.to_owned(), values: values.unwrap_or(Values::Text(cells)) }
    }
}

/// All cells read, or nothing where one cannot be.
fn all<T>(cells: &[Option<String>], read: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
    cells.iter().map(|cell| cell.as_deref().map_or(Some(None), |cell| read(cell).map(Some))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, cells: &[&str]) -> Values {
        let cells = cells.iter().map(|cell| (!cell.is_empty()).then(|| (*cell).to_owned())).collect();
        Column::new(name, cells).values
    }

    #[test]
    fn a_type_follows_from_the_name_before_the_values() {
        assert_eq!(column("mean", &["3", "", "4.5"]), Values::Number(vec![Some(3.0), None, Some(4.5)]));
        assert_eq!(column("mean", &["3", "4"]), Values::Number(vec![Some(3.0), Some(4.0)]));
        assert_eq!(column("low", &["", ""]), Values::Number(vec![None, None]));
        assert_eq!(column("served_count", &["3", "4"]), Values::Whole(vec![Some(3), Some(4)]));
        assert_eq!(column("unit", &["1"]), Values::Text(vec![Some("1".to_owned())]));
        assert_eq!(
            column("station.a.discipline", &["fifo", "lifo"]),
            Values::Text(vec![Some("fifo".to_owned()), Some("lifo".to_owned())])
        );
    }
}
