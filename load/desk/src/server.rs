//! Starting and stopping the desk.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::faces;
use crate::ledger::StoreError;
use crate::office::Office;
use crate::options::Options;

/// The desk could not start or had to stop.
#[derive(Debug, Error)]
pub enum DeskError {
    /// The database cannot be opened or prepared.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] StoreError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The listener failed while serving.
    #[error("the listener failed: {0}")]
    Serve(#[source] std::io::Error),
}

/// The reference booking desk.
pub struct Desk {
    office: Arc<Office>,
    listen: SocketAddr,
}

impl Desk {
    /// Opens the database without listening yet.
    ///
    /// # Errors
    /// [`DeskError::Database`].
    pub async fn open(options: &Options) -> Result<Self, DeskError> {
        Ok(Self { office: Arc::new(Office::open(options).await?), listen: options.listen })
    }

    /// All routes as a service, for tests without sockets. Holds expire only in a started desk or when the next
    /// command meets them.
    pub fn router(&self) -> Router {
        faces::router(self.office.clone()).layer(from_fn_with_state(self.office.clone(), watch_request))
    }

    /// Opens, listens and serves in the background until [`RunningDesk::stop`].
    ///
    /// # Errors
    /// [`DeskError::Database`] or [`DeskError::Listen`].
    pub async fn start(options: Options) -> Result<RunningDesk, DeskError> {
        let desk = Self::open(&options).await?;
        let listen_failed = |source| DeskError::Listen { address: desk.listen, source };
        let listener = TcpListener::bind(desk.listen).await.map_err(listen_failed)?;
        let address = listener.local_addr().map_err(listen_failed)?;
        let (stop, stopped) = watch::channel(false);
        let sweeper = tokio::spawn(sweep_until(desk.office.clone(), stopped.clone()));
        let router = desk.router();
        let server = tokio::spawn(async move {
            use axum::serve::ListenerExt as _;
            // Small answers must not wait for the client's delayed acknowledgements.
            let listener = listener.tap_io(|stream| {
                let _ = stream.set_nodelay(true);
            });
            axum::serve(listener, router).with_graceful_shutdown(until_stopped(stopped)).await
        });
        Ok(RunningDesk { address, stop, server, sweeper, office: desk.office })
    }

    /// Serves until the process gets an interrupt (Ctrl-C), then finishes what is under way.
    /// `ready` is told the address once the desk accepts connections.
    ///
    /// # Errors
    /// Any [`DeskError`].
    pub async fn serve(options: Options, ready: impl FnOnce(SocketAddr)) -> Result<(), DeskError> {
        let running = Self::start(options).await?;
        ready(running.address);
        tokio::signal::ctrl_c().await.map_err(DeskError::Serve)?;
        running.stop().await
    }
}

/// A desk that is serving.
pub struct RunningDesk {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<std::io::Result<()>>,
    sweeper: JoinHandle<()>,
    office: Arc<Office>,
}

impl RunningDesk {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Finishes requests under way, commits them and closes the database.
    ///
    /// # Errors
    /// [`DeskError::Serve`] when the listener had failed before.
    pub async fn stop(self) -> Result<(), DeskError> {
        self.stop.send_replace(true);
        let served = self.server.await.map_err(|error| DeskError::Serve(std::io::Error::other(error)))?;
        // The sweeper has nothing to report.
        let _ = self.sweeper.await;
        let office = self.office;
        // Closing waits for the writer's last commit.
        let _ = tokio::task::spawn_blocking(move || office.close()).await;
        served.map_err(DeskError::Serve)
    }
}

async fn until_stopped(mut stopped: watch::Receiver<bool>) {
    // A dropped sender means the handle is gone: stop as well.
    let _ = stopped.wait_for(|stop| *stop).await;
}

async fn sweep_until(office: Arc<Office>, stopped: watch::Receiver<bool>) {
    let stop = until_stopped(stopped);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(office.sweep_period()) => office.sweep().await,
        }
    }
}

async fn watch_request(State(office): State<Arc<Office>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let face = if path.starts_with("/fhir") {
        "fhir"
    } else if path.starts_with("/api") {
        "api"
    } else {
        return next.run(request).await;
    };
    let method = request.method().to_string();
    let begun_at = Instant::now();
    office.metrics.begin();
    if let Some(wait_time) = office.stalled_for() {
        office.metrics.fault_fired("stall");
        tokio::time::sleep(wait_time).await;
    }
    let response = next.run(request).await;
    office.metrics.end(face, &method, response.status().as_u16(), begun_at.elapsed());
    response
}
