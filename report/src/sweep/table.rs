//! The tidy table of a sweep: one row a point and measure. Columns carry their units in their names.

use super::SweepDocument;
use crate::tables::{Written, number, write};

/// What units are called at the end of a column's name.
const ENDINGS: [(&str, &str); 10] = [
    ("s", "s"),
    ("min", "minutes"),
    ("minutes", "minutes"),
    ("分钟", "minutes"),
    ("h", "hours"),
    ("hours", "hours"),
    ("小时", "hours"),
    ("秒", "s"),
    ("%", "percent"),
    ("％", "percent"),
];

/// The column of a variable: its path, then its unit (`service_time.mean_minutes`).
pub(super) fn column(path: &str, unit: &str) -> String {
    if unit.is_empty() {
        return path.to_owned();
    }
    let ending = ENDINGS.iter().find(|(symbol, _)| *symbol == unit).map_or_else(
        || unit.replace('/', " per ").split_whitespace().collect::<Vec<_>>().join("_"),
        |(_, ending)| (*ending).to_owned(),
    );
    format!("{path}_{ending}")
}

/// The whole table as CSV.
pub(super) fn csv(document: &SweepDocument) -> Written {
    let mut header = vec!["point"];
    header.extend(document.variables.iter().map(|variable| variable.column.as_str()));
    header.extend(["measure", "unit", "mean", "low", "high", "n"]);
    let rows = document.points.iter().flat_map(|point| {
        document.measures.iter().zip(&point.results).map(move |(measure, figure)| {
            let mut row = vec![point.point.to_string()];
            row.extend(point.values.iter().map(super::Value::text));
            row.extend([
                measure.id.clone(),
                measure.unit.symbol().to_owned(),
                number(figure.value),
                number(figure.low),
                number(figure.high),
                figure.n.to_string(),
            ]);
            row
        })
    });
    write(&header, rows)
}

/// What the design says of each variable as CSV: one row a measure, variable and figure.
pub(super) fn sensitivities_csv(document: &SweepDocument) -> Written {
    let rows = document.sensitivities.iter().flat_map(|part| {
        part.variables.iter().flat_map(move |variable| {
            let figures = [
                ("first", variable.first),
                ("total", variable.total),
                ("mean_effect", variable.mean_effect),
                ("mean_absolute_effect", variable.mean_absolute_effect),
                ("effect_sd", variable.effect_sd),
            ];
            figures.into_iter().filter_map(move |(name, figure)| {
                let figure = figure?;
                let ends = [figure.value, figure.low, figure.high].map(number);
                let mut row = vec![part.measure.clone(), variable.path.clone(), name.to_owned()];
                row.extend(ends);
                Some(row)
            })
        })
    });
    write(&["measure", "variable", "figure", "value", "low", "high"], rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_ends_with_its_unit() {
        assert_eq!(column("station.a.servers", ""), "station.a.servers");
        assert_eq!(column("a.mean", "min"), "a.mean_minutes");
        assert_eq!(column("a.rate", "per hour"), "a.rate_per_hour");
        assert_eq!(column("a.rate", "/ 小时"), "a.rate_per_小时");
        assert_eq!(column("a.share", "%"), "a.share_percent");
    }
}
