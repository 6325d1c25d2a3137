//! The links between the nodes: one userspace proxy before each node that others connect to, whose weather differs for
//! each direction of each pair. No right of root is needed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sim::chance::Chance;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::source;

/// From a node to a node: what the first says, whoever opened the connection.
pub(crate) type Direction = (u64, u64);

/// Pieces under way in one direction of one connection.
const PIECES: usize = 64;
const PIECE_BYTES: usize = 16 * 1024;
/// A connection that could not come about is given up after this.
const CONNECT_PATIENCE: Duration = Duration::from_secs(30);
/// What a lost piece costs: TCP sends it again after about this.
const RESEND: Duration = Duration::from_millis(200);

/// What happens to everything that goes in one direction.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Weather {
    /// Nothing arrives until this ends. What was sent arrives then, as TCP would send it again.
    pub(crate) cut: bool,
    /// Everything takes at least this long.
    pub(crate) delay: Duration,
    /// And up to this longer.
    pub(crate) jitter: Duration,
    /// Pieces in a thousand that are lost and sent again.
    pub(crate) loss_permille: u64,
    /// Pieces in a thousand at which the connection breaks.
    pub(crate) reset_permille: u64,
}

/// What a direction's weather did.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Toll {
    /// Pieces and connections that had to wait for the end of a cut.
    pub(crate) held: u64,
    /// Pieces that arrived later than they would have.
    pub(crate) delayed: u64,
    /// Connections broken.
    pub(crate) broken: u64,
}

/// All links of a cell; clones are handles.
#[derive(Clone)]
pub(crate) struct Links(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    changed: watch::Sender<()>,
    chance: Mutex<Chance>,
}

#[derive(Default)]
struct State {
    weather: BTreeMap<Direction, Weather>,
    tolls: BTreeMap<Direction, Toll>,
    processes: BTreeMap<u32, u64>,
    targets: BTreeMap<u64, SocketAddr>,
}

impl Links {
    pub(crate) fn new(chance: Chance) -> Self {
        let (state, chance) = (Mutex::default(), Mutex::new(chance));
        Links(Arc::new(Shared { state, changed: watch::channel(()).0, chance }))
    }

    /// Opens a proxy before a node, on the runtime of `tasks`; gives its address.
    pub(crate) async fn before(
        &self,
        node: u64,
        tasks: &mut JoinSet<()>,
    ) -> Result<SocketAddr, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(|error| format!("a proxy cannot listen: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let links = self.clone();
        tasks.spawn(async move {
            // Ends with the proxy, and then everything that goes through it.
            let mut connections = JoinSet::new();
            loop {
                let Ok((stream, from)) = listener.accept().await else { continue };
                connections.spawn(links.clone().carry(stream, from, address, node));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(address)
    }

    /// Says where a node really listens.
    pub(crate) fn target(&self, node: u64, address: SocketAddr) {
        self.state().targets.insert(node, address);
    }

    /// Says which process a node is now.
    pub(crate) fn process(&self, pid: u32, node: u64) {
        let processes = &mut self.state().processes;
        processes.retain(|_, known| *known != node);
        processes.insert(pid, node);
    }

    /// Changes the weather in one direction.
    pub(crate) fn set(&self, direction: Direction, weather: Weather) {
        self.state().weather.insert(direction, weather);
        self.0.changed.send_replace(());
    }

    /// Ends all bad weather.
    pub(crate) fn heal(&self) {
        self.state().weather.clear();
        self.0.changed.send_replace(());
    }

    /// What the weather of a direction has done so far.
    pub(crate) fn toll(&self, direction: Direction) -> Toll {
        self.state().tolls.get(&direction).copied().unwrap_or_default()
    }

    fn weather(&self, direction: Direction) -> Weather {
        self.state().weather.get(&direction).copied().unwrap_or_default()
    }

    fn count(&self, direction: Direction, count: impl FnOnce(&mut Toll)) {
        count(self.state().tolls.entry(direction).or_default());
    }

    fn chance<T>(&self, draw: impl FnOnce(&Chance) -> T) -> T {
        draw(&self.0.chance.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while a direction is cut.
    async fn open(&self, direction: Direction) {
        let mut changed = self.0.changed.subscribe();
        if self.weather(direction).cut {
            self.count(direction, |toll| toll.held += 1);
        }
        while self.weather(direction).cut {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Carries one connection until either end closes it.
    async fn carry(self, near: TcpStream, from: SocketAddr, here: SocketAddr, to: u64) {
        let Some(source) = self.source(from, here).await else { return };
        let (there, back) = ((source, to), (to, source));
        let come_about = async {
            self.open(there).await;
            self.open(back).await;
        };
        if timeout(CONNECT_PATIENCE, come_about).await.is_err() {
            return;
        }
        let Some(target) = self.state().targets.get(&to).copied() else { return };
        let Ok(far) = TcpStream::connect(target).await else { return };
        // Delays are ours to make.
        let _ = (near.set_nodelay(true), far.set_nodelay(true));
        let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
        // An end that is closed in order closes its direction; one that breaks breaks both.
        let _ =
            tokio::try_join!(self.pump(there, near_in, far_out), self.pump(back, far_in, near_out));
    }

    async fn source(&self, from: SocketAddr, here: SocketAddr) -> Option<u64> {
        // A process that has just been started may not be known yet.
        for _ in 0..20 {
            let processes = self.state().processes.clone();
            if let Some(node) = source::node_of(from, here, &processes) {
                return Some(node);
            }
            sleep(Duration::from_millis(20)).await;
        }
        None
    }

    async fn pump(
        &self,
        direction: Direction,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
    ) -> Result<(), ()> {
        let (send, mut pieces) = mpsc::channel::<(Instant, Vec<u8>)>(PIECES);
        let reading = async {
            let mut buffer = vec![0; PIECE_BYTES];
            loop {
                let length = from.read(&mut buffer).await.map_err(drop)?;
                if length == 0 {
                    drop(send);
                    return Ok(());
                }
                let due = Instant::now() + self.travel(direction)?;
                send.send((due, buffer[..length].to_vec())).await.map_err(drop)?;
            }
        };
        let writing = async {
            while let Some((due, piece)) = pieces.recv().await {
                sleep_until(due).await;
                self.open(direction).await;
                to.write_all(&piece).await.map_err(drop)?;
            }
            self.open(direction).await;
            to.shutdown().await.map_err(drop)
        };
        tokio::try_join!(reading, writing).map(drop)
    }

    /// How long a piece takes; an error when the connection breaks at it.
    fn travel(&self, direction: Direction) -> Result<Duration, ()> {
        let weather = self.weather(direction);
        if weather == Weather::default() || weather.cut {
            return Ok(Duration::ZERO);
        }
        let jitter_us = u64::try_from(weather.jitter.as_micros()).unwrap_or(0);
        let (late, lost, breaks) = self.chance(|chance| {
            let late = Duration::from_micros(chance.below(jitter_us + 1));
            let lost = chance.permille(weather.loss_permille);
            (late, lost, chance.permille(weather.reset_permille))
        });
        if breaks {
            self.count(direction, |toll| toll.broken += 1);
            return Err(());
        }
        self.count(direction, |toll| toll.delayed += 1);
        Ok(weather.delay + late + if lost { RESEND } else { Duration::ZERO })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: u64 = 9;
    const THEM: u64 = 1;

    /// A node that says back what it hears, and what it has heard.
    async fn echo(tasks: &mut JoinSet<()>) -> (SocketAddr, mpsc::Receiver<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, hear) = mpsc::channel(16);
        tasks.spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            while let Ok(byte) = stream.read_u8().await {
                heard.send(byte).await.unwrap();
                stream.write_u8(byte).await.unwrap();
            }
        });
        (address, hear)
    }

    async fn linked(tasks: &mut JoinSet<()>) -> (Links, TcpStream, mpsc::Receiver<u8>) {
        let (target, hear) = echo(tasks).await;
        let links = Links::new(Chance::of(1, 1));
        links.process(std::process::id(), US);
        links.target(THEM, target);
        let proxy = links.before(THEM, tasks).await.unwrap();
        (links, TcpStream::connect(proxy).await.unwrap(), hear)
    }

    #[tokio::test]
    async fn a_cut_holds_its_own_direction_until_it_ends() {
        let mut tasks = JoinSet::new();
        let (links, mut stream, mut hear) = linked(&mut tasks).await;
        stream.write_u8(1).await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), 1);
        assert_eq!(hear.recv().await, Some(1));
        links.set((THEM, US), Weather { cut: true, ..Weather::default() });
        stream.write_u8(2).await.unwrap();
        // It arrives, and the answer does not.
        assert_eq!(hear.recv().await, Some(2));
        while links.toll((THEM, US)).held == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(stream.try_read(&mut [0]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
        links.heal();
        assert_eq!(stream.read_u8().await.unwrap(), 2);
        assert_eq!(links.toll((US, THEM)).held, 0);
    }

    #[tokio::test]
    async fn what_is_slow_takes_its_time() {
        let mut tasks = JoinSet::new();
        let (links, mut stream, _hear) = linked(&mut tasks).await;
        let delay = Duration::from_millis(30);
        for direction in [(US, THEM), (THEM, US)] {
            links.set(direction, Weather { delay, ..Weather::default() });
        }
        let began = Instant::now();
        stream.write_u8(1).await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), 1);
        assert!(began.elapsed() >= 2 * delay);
        assert_eq!(links.toll((US, THEM)).delayed, 1);
    }

    #[tokio::test]
    async fn a_connection_of_nobody_is_not_carried() {
        let mut tasks = JoinSet::new();
        let (links, _stream, _hear) = linked(&mut tasks).await;
        links.process(u32::MAX, US);
        let proxy = links.before(THEM, &mut tasks).await.unwrap();
        let mut stream = TcpStream::connect(proxy).await.unwrap();
        assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
    }
}
