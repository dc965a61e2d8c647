//! The causes as CSV: one row for each station, hour and class with a cause. What does not exist is empty.

use super::WhyDocument;

/// One row a station and cause, an hour and cause, a class and cause.
pub(super) fn causes(document: &WhyDocument) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "by", "key", "title_en", "title_zh", "cause", "time_us", "mean", "low", "high", "unit",
    ])?;
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let mut row =
        |by: &str, key: &str, title: (&str, &str), cause: &str, time_us: u64, figures: [String; 3], unit| {
            let [mean, low, high] = figures;
            writer.write_record([
                by,
                key,
                title.0,
                title.1,
                cause,
                &time_us.to_string(),
                &mean,
                &low,
                &high,
                unit,
            ])
        };
    for cause in &document.causes {
        let figures = [cause.time_s.value, cause.time_s.low, cause.time_s.high].map(number);
        row("all", "", ("", ""), &cause.id, cause.time_us, figures, "s a visit")?;
    }
    for station in &document.stations {
        let title = (station.title.en.as_str(), station.title.zh.as_str());
        for time in &station.causes {
            let figures = [time.time_s.value, time.time_s.low, time.time_s.high].map(number);
            let key = station.id.as_deref().unwrap_or("");
            row("station", key, title, &time.cause, time.time_us, figures, "s a visit")?;
        }
    }
    for hour in &document.hours {
        for one in &hour.causes {
            let figures = [one.patients.value, one.patients.low, one.patients.high].map(number);
            let key = hour.hour.to_string();
            row("hour", &key, ("", ""), &one.cause, one.time_us, figures, "patients at a time")?;
        }
    }
    for class in &document.classes {
        let title = (class.title.en.as_str(), class.title.zh.as_str());
        for one in &class.causes {
            let figures = [one.time_s.value, one.time_s.low, one.time_s.high].map(number);
            row("class", &class.title.en, title, &one.cause, one.time_us, figures, "s a visit of the class")?;
        }
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
