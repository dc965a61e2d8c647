//! Root of a monotone function between two brackets.

/// The point between `low` and `high` where the monotone `difference` changes sign, to the last bit (bisection).
/// The signs at the two ends must differ.
pub(super) fn bisect(mut low: f64, mut high: f64, difference: impl Fn(f64) -> f64) -> f64 {
    let rising = difference(high) > difference(low);
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if (difference(middle) > 0.0) == rising {
            high = middle;
        } else {
            low = middle;
        }
    }
}
