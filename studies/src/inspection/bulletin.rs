//! The weekly bulletin: hospitals ranked by what the inspectors of the week found.

use super::form::Mark;
use super::study::HospitalInspection;

/// One hospital in one week, or over the whole period.
#[derive(Clone, Debug, PartialEq)]
pub struct BulletinRow {
    /// Its place; those with equal results share one.
    pub rank: usize,
    /// Which hospital, by its place in the list.
    pub hospital: usize,
    /// Visits that count here.
    pub visits: usize,
    /// Items found good on every one of these visits that touched them.
    pub passed: usize,
    /// Items found not good on at least one.
    pub failed: usize,
    /// Items to be filled in by hand.
    pub by_hand: usize,
    /// Passed ÷ (passed + failed); `None` when nothing was judged.
    pub passed_share: Option<f64>,
    /// Points held for certain, in a document that scores.
    pub points: Option<f64>,
    /// Mean figure of each question over the visits that touched it.
    pub figures: Vec<Option<f64>>,
}

/// One table of the bulletin.
#[derive(Clone, Debug, PartialEq)]
pub struct BulletinTable {
    /// The week, from 1; `None` for the whole period.
    pub week: Option<u32>,
    /// The hospitals visited, best first.
    pub rows: Vec<BulletinRow>,
}

/// The bulletin: a table for each week, then one for the period. A document that scores ranks by points held, others by
/// the share of judged items that passed; equal ones by items passed, then they share a place.
pub fn bulletin(hospitals: &[HospitalInspection], weeks: u32) -> Vec<BulletinTable> {
    (1..=weeks).map(Some).chain([None]).map(|week| table(hospitals, week)).collect()
}

fn table(hospitals: &[HospitalInspection], week: Option<u32>) -> BulletinTable {
    let mut rows: Vec<BulletinRow> =
        hospitals.iter().enumerate().filter_map(|(index, hospital)| row(index, hospital, week)).collect();
    let key =
        |row: &BulletinRow| (row.points.unwrap_or(0.0), row.passed_share.unwrap_or(-1.0), row.passed as f64);
    let order = |a: &BulletinRow, b: &BulletinRow| {
        let (a, b) = (key(a), key(b));
        b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then(b.2.total_cmp(&a.2))
    };
    rows.sort_by(order);
    for index in 0..rows.len() {
        let is_tied = index > 0 && order(&rows[index - 1], &rows[index]).is_eq();
        rows[index].rank = if is_tied { rows[index - 1].rank } else { index + 1 };
    }
    BulletinTable { week, rows }
}

fn row(index: usize, hospital: &HospitalInspection, week: Option<u32>) -> Option<BulletinRow> {
    let visits: Vec<_> =
        hospital.visits.iter().filter(|visit| week.is_none_or(|week| visit.planned.week == week)).collect();
    if visits.is_empty() {
        return None;
    }
    let marks = |item: usize| visits.iter().map(move |visit| visit.form.rows[item].mark);
    let has = |item: usize, mark: Mark| marks(item).any(|found| found == mark);
    let items = 0..hospital.card.items.len();
    let failed = items.clone().filter(|&item| has(item, Mark::Fails)).count();
    let is_passed =
        |&item: &usize| has(item, Mark::Passes) && !has(item, Mark::Fails) && !has(item, Mark::ByHand);
    let passed = items.clone().filter(is_passed).count();
    let by_hand = items.filter(|&item| has(item, Mark::ByHand) && !has(item, Mark::Fails)).count();
    let figures = (0..hospital.questions.len()).map(|question| {
        let figures: Vec<f64> = visits.iter().filter_map(|visit| visit.figures[question]).collect();
        (!figures.is_empty()).then(|| figures.iter().sum::<f64>() / figures.len() as f64)
    });
    let judged = passed + failed;
    Some(BulletinRow {
        rank: 0,
        hospital: index,
        visits: visits.len(),
        passed,
        failed,
        by_hand,
        passed_share: (judged > 0).then(|| passed as f64 / judged as f64),
        points: hospital.card.score.as_ref().map(|score| score.at_least),
        figures: figures.collect(),
    })
}
