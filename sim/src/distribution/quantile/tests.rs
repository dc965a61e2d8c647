//! Tables against the exact cumulative curve of an independent library, from the middle to the last unit of either tail.

use super::*;
use crate::stream::{Purpose, RunKey};
use statrs::distribution::{Continuous, ContinuousCDF, Gamma, LogNormal, Normal};

/// Words of both halves: the ends of all octaves and some way between, and in the octaves at the median many more.
fn words() -> impl Iterator<Item = u64> {
    let of_octave = |octave: u32| {
        let steps = if octave > 48 { 1_009 } else { 29 };
        (0..steps).map(move |step| ((1_u128 << octave) * (steps + step) / steps) as u64 >> 1)
    };
    (0..=53).flat_map(of_octave).flat_map(|units| [units << 11, units << 11 | 1])
}

/// The probability beyond the draw that a word stands for.
fn probability(word: u64) -> f64 {
    ((word >> 11) as f64).max(0.5) / 2.0_f64.powi(54)
}

/// Holds a table to a law: how far the quantile is off is what probability is missing or too much there, by the density.
fn check<L: ContinuousCDF<f64, f64> + Continuous<f64, f64>>(
    name: &str,
    table: &QuantileTable,
    usual: f64,
    law: &L,
) {
    for word in words() {
        let (p, x) = (probability(word), table.at(word));
        let beyond = if word & 1 == 0 { law.cdf(x) } else { law.sf(x) };
        let error = (beyond - p).abs() / law.pdf(x) / x.abs().max(usual);
        // What cutting the series short may cost, and what the library itself may be off.
        assert!(error < TOLERANCE + 2e-11, "{name}: {x} for {p:e}, off by {error:e}");
    }
}

#[test]
fn normal_quantiles_are_exact_from_end_to_end() {
    let table = QuantileTable::normal();
    check("normal", &table, 1.0, &Normal::standard());
    // To more digits than the library is asked for above: quantiles of 2.5 % and of a hundred-thousandth.
    let word_of = |p: f64| ((p * 2.0_f64.powi(54)) as u64) << 11;
    for (p, quantile) in [(0.025, 1.959_963_984_540_054), (1e-5, 4.264_890_793_922_825)] {
        assert!((table.at(word_of(p)) + quantile).abs() < 2e-9);
        assert!((table.at(word_of(p) | 1) - quantile).abs() < 2e-9);
    }
}

#[test]
fn lognormal_quantiles_are_exact_from_end_to_end() {
    for sigma in [1e-3, 0.1, 0.385_25, 0.472_38, 0.703_35, 1.0, 1.268_64, 1.5] {
        let table = QuantileTable::lognormal(sigma).expect("a table");
        check(&format!("lognormal of sigma {sigma}"), &table, 1.0, &LogNormal::new(0.0, sigma).unwrap());
    }
}

#[test]
fn gamma_quantiles_are_exact_from_end_to_end() {
    for shape in [0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 1.0 / 0.36, 4.0, 12.0, 100.0, 1e4, 1e6] {
        let table = QuantileTable::gamma(shape).expect("a table");
        check(&format!("gamma of shape {shape}"), &table, shape, &Gamma::new(shape, 1.0).unwrap());
    }
}

#[test]
fn a_draw_grows_with_its_word() {
    let tables = [
        QuantileTable::normal(),
        QuantileTable::lognormal(0.6).expect("a table"),
        QuantileTable::gamma(2.7).expect("a table"),
    ];
    for table in tables {
        // From the far end of the lower tail to the median, and on to the far end of the upper one.
        let (low, mut high): (Vec<u64>, Vec<u64>) = words().partition(|word| word & 1 == 0);
        high.reverse();
        let mut last = f64::NEG_INFINITY;
        for word in low.into_iter().chain(high) {
            let draw = table.at(word);
            // Where two cells meet, each may be off a little.
            assert!(draw > last - 2.0 * TOLERANCE * draw.abs().max(1.0), "{word:x}: {draw} after {last}");
            last = draw;
        }
    }
}

#[test]
fn every_word_has_its_cell() {
    let table = QuantileTable::lognormal(1.0).expect("a table");
    for (row, cells) in table.cells.iter().enumerate() {
        let is_used = cells.iter().all(|cell| cell.middle > 0.0 && cell.coefficients[0] > 0.0);
        assert_eq!(is_used, series::places().any(|place| super::row(place.middle) == row), "row {row}");
    }
    assert_eq!(series::places().count(), OCTAVES * PARTS);
    let ends = [0, 1, 2 << 10, u64::MAX, u64::MAX - 1].map(|word| table.at(word));
    assert!(ends.iter().all(|draw| *draw > 0.0), "{ends:?}");
    assert!((ends[3] - 1.0).abs() < 1e-9 && (ends[4] - 1.0).abs() < 1e-9, "the last words are the median");
}

#[test]
fn laws_too_skewed_have_no_table() {
    assert!(QuantileTable::lognormal(2.0).is_none());
    assert!(QuantileTable::gamma(0.1).is_none());
    assert!(QuantileTable::gamma(2e6).is_none());
}

#[test]
fn laws_of_one_shape_share_a_table_as_long_as_one_is_in_use() {
    let first = QuantileTable::gamma(3.25).expect("a table");
    let second = QuantileTable::gamma(3.25).expect("a table");
    assert!(Arc::ptr_eq(&first.cells, &second.cells));
    assert!(!Arc::ptr_eq(&first.cells, &QuantileTable::gamma(3.5).expect("a table").cells));
}

#[test]
fn a_draw_takes_one_word() {
    let table = QuantileTable::gamma(2.0).expect("a table");
    let key = RunKey::new(1, 0, 0).entity(Purpose::named("patients"), 7);
    let (mut drawn, mut words) = (key.stream(Purpose::named("time")), key.stream(Purpose::named("time")));
    for _ in 0..100 {
        assert_eq!(table.draw(&mut drawn).to_bits(), table.at(words.bits()).to_bits());
    }
}
