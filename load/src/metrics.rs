//! A run's progress for Prometheus, on request.

use crate::engine::Progress;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
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
    for (name, help, value) in [
        ("requests_sent", "Requests sent", progress.sent_count),
        ("errors", "Requests without a useful answer", progress.error_count),
    ] {
        let counter: Counter = Counter::default();
        counter.inc_by(value);
        registry.register(name, help, counter);
    }
    for (name, help, value) in [
        ("in_flight", "Requests in flight", progress.in_flight),
        ("asked_rate", "Steps the plan wanted sent in the last second", progress.asked_rate),
        ("offered_rate", "Requests sent in the last second", progress.offered_rate),
        ("oversold_slots", "Slots with more acknowledged claims than places", progress.oversold_count),
    ] {
        let gauge: Gauge = Gauge::default();
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(name, help, gauge);
    }
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
        assert!(text.contains("onetrip_load_requests_sent_total 12"), "{text}");
        assert!(text.contains("# TYPE onetrip_load_errors counter"), "{text}");
        assert!(text.contains("onetrip_load_response_p99_seconds 0.25"), "{text}");
    }
}
