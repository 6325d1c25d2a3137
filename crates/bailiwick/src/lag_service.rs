//! lag/v1 as a node serves it: the lag of a replica and its controls. A voter has none, and says so.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cluster::Backend;
use lag::Plan;
use replica::Replica;
use schema::lag::v1 as wire;
use schema::lag::v1::lag_server::Lag;
use tonic::{Request, Response, Status};
use tracing::info;

use crate::config;

/// The service of one node.
pub struct LagService(Option<Controls>);

struct Controls {
    replica: Replica,
    settings: Result<PathBuf, &'static str>,
    /// One plan at a time is put in force and written down.
    setting: Mutex<()>,
}

impl LagService {
    /// The service of a voter.
    pub fn voter() -> Self {
        LagService(None)
    }

    /// The service of a replica. `settings` is the file that its plan comes from, or why it comes from none.
    pub fn replica(replica: Replica, settings: Result<PathBuf, &'static str>) -> Self {
        LagService(Some(Controls { replica, settings, setting: Mutex::default() }))
    }

    fn controls(&self) -> Result<&Controls, Status> {
        let controls = self.0.as_ref();
        controls.ok_or_else(|| {
            Status::failed_precondition("this is a voter: it has no lag; ask a replica")
        })
    }
}

impl Controls {
    fn status(&self) -> wire::LagStatus {
        let seen = self.replica.seen();
        let lag = self.replica.lag();
        wire::LagStatus {
            name: seen.served_by.to_string(),
            plan: lag.plan.to_string(),
            paused: lag.is_paused,
            received_revision: lag.received,
            visible_revision: lag.visible,
            reaches_revision: lag.by_class,
            waiting: lag.waiting as u64,
            full: lag.is_full,
            next_due_us: lag.next_due_us,
            age_ms: (seen.age_ms != u64::MAX).then_some(seen.age_ms),
        }
    }

    /// First into the file: a plan that cannot be kept is not put in force.
    fn set(&self, plan: Plan, persist: bool) -> Result<(), Status> {
        let _one = self.setting.lock().unwrap_or_else(PoisonError::into_inner);
        if persist {
            let file = self.settings.as_deref().map_err(|why| Status::failed_precondition(*why))?;
            write(file, &plan)?;
        }
        info!(%plan, persist, "lag plan set");
        self.replica.set_plan(plan);
        Ok(())
    }
}

fn write(file: &Path, plan: &Plan) -> Result<(), Status> {
    config::set_lag(file, plan)
        .map_err(|error| Status::failed_precondition(format!("nothing was changed: {error}")))
}

#[tonic::async_trait]
impl Lag for LagService {
    async fn status(
        &self,
        request: Request<wire::StatusRequest>,
    ) -> Result<Response<wire::StatusResponse>, Status> {
        let controls = self.controls()?;
        let samples = match request.into_inner().samples_after {
            Some(after) => {
                let samples = controls.replica.lag().samples.into_iter();
                samples.filter(|sample| sample.revision > after).map(sample).collect()
            }
            None => Vec::new(),
        };
        let status = Some(controls.status());
        Ok(Response::new(wire::StatusResponse { status, samples }))
    }

    async fn set(
        &self,
        request: Request<wire::SetRequest>,
    ) -> Result<Response<wire::SetResponse>, Status> {
        let controls = self.controls()?;
        let wire::SetRequest { plan, persist } = request.into_inner();
        let plan = plan
            .parse()
            .map_err(|error: lag::PlanError| Status::invalid_argument(error.to_string()))?;
        controls.set(plan, persist)?;
        Ok(Response::new(wire::SetResponse { status: Some(controls.status()) }))
    }

    async fn pause(
        &self,
        _: Request<wire::PauseRequest>,
    ) -> Result<Response<wire::PauseResponse>, Status> {
        let controls = self.controls()?;
        controls.replica.pause();
        info!("lag paused: nothing becomes visible");
        Ok(Response::new(wire::PauseResponse { status: Some(controls.status()) }))
    }

    async fn resume(
        &self,
        _: Request<wire::ResumeRequest>,
    ) -> Result<Response<wire::ResumeResponse>, Status> {
        let controls = self.controls()?;
        controls.replica.resume();
        info!("lag resumed");
        Ok(Response::new(wire::ResumeResponse { status: Some(controls.status()) }))
    }

    async fn step(
        &self,
        request: Request<wire::StepRequest>,
    ) -> Result<Response<wire::StepResponse>, Status> {
        let controls = self.controls()?;
        let revisions = request.into_inner().revisions;
        if revisions == 0 {
            return Err(Status::invalid_argument("step by 1 revision or more"));
        }
        controls.replica.step(revisions);
        Ok(Response::new(wire::StepResponse { status: Some(controls.status()) }))
    }

    async fn flush(
        &self,
        _: Request<wire::FlushRequest>,
    ) -> Result<Response<wire::FlushResponse>, Status> {
        let controls = self.controls()?;
        controls.replica.flush();
        Ok(Response::new(wire::FlushResponse { status: Some(controls.status()) }))
    }
}

fn sample(sample: lag::Sample) -> wire::Sample {
    let lag::Sample { revision, drawn_us, delay_us, was_alone } = sample;
    wire::Sample { revision, drawn_us, delay_us, was_alone }
}
