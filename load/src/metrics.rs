//! A run's progress for Prometheus, on request.

use crate::engine::Progress;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The progress as OpenMetrics text.
pub fn metrics_text(progress: &Progress) -> String {
    let mut registry = Registry::with_prefix("onetrip_load");
    let mut count = |name: &str, help: &str, value: u64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(name, help, gauge);
    };
    count("requests_sent", "Requests sent so far", progress.sent_count);
    count("errors", "Requests without a useful answer so far", progress.error_count);
    count("in_flight", "Requests in flight", progress.in_flight);
    count("asked_rate", "Steps the plan wanted sent in the last second", progress.asked_rate);
    count("offered_rate", "Requests sent in the last second", progress.offered_rate);
    count("oversold_slots", "Slots with more acknowledged claims than places", progress.oversold_count);
    for (name, us) in [
        ("response_p50", progress.p50_us),
        ("response_p95", progress.p95_us),
        ("response_p99", progress.p99_us),
    ] {
        let gauge: Gauge<f64, AtomicU64> = Gauge::default();
        gauge.set(us as f64 / 1e6);
        registry.register_with_unit(name, "Response so far", Unit::Seconds, gauge);
    }
    let mut text = String::new();
    // Encoding into a string cannot fail.
    encode(&mut text, &registry).unwrap_or_default();
    text
}

/// Answers every request with the metrics, until dropped.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve_metrics(address: SocketAddr, progress: Arc<Mutex<Progress>>) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let text = metrics_text(&progress.lock().unwrap_or_else(PoisonError::into_inner));
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n",
                text.len()
            );
            let mut asked = [0; 4096];
            // A scraper that goes away misses a sample, nothing more.
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(format!("{head}{text}").as_bytes()).await;
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_the_figures() {
        let progress = Progress { sent_count: 12, p99_us: 250_000, ..Progress::default() };
        let text = metrics_text(&progress);
        assert!(text.contains("onetrip_load_requests_sent 12"), "{text}");
        assert!(text.contains("onetrip_load_response_p99_seconds 0.25"), "{text}");
    }
}
