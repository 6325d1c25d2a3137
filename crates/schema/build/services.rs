//! Decides which gRPC code is generated: the door serves what AWS has from the descriptors, so that
//! needs only clients; every other service gets a client and a server.

use prost_build::{Service, ServiceGenerator};

/// Hands each service to the generator it needs.
pub struct Generator {
    client: Box<dyn ServiceGenerator>,
    both: Box<dyn ServiceGenerator>,
}

impl Default for Generator {
    fn default() -> Self {
        let builder = || tonic_prost_build::configure().build_transport(false);
        Self {
            client: builder().build_server(false).service_generator(),
            both: builder().service_generator(),
        }
    }
}

impl Generator {
    fn choose(&mut self, package: &str) -> &mut Box<dyn ServiceGenerator> {
        match package {
            "bailiwick.iam.v1" | "bailiwick.sts.v1" | "bailiwick.accessanalyzer.v1" => {
                &mut self.client
            }
            _ => &mut self.both,
        }
    }
}

impl ServiceGenerator for Generator {
    fn generate(&mut self, service: Service, buf: &mut String) {
        self.choose(&service.package.clone()).generate(service, buf);
    }

    fn finalize(&mut self, buf: &mut String) {
        self.client.finalize(buf);
        self.both.finalize(buf);
    }

    fn finalize_package(&mut self, package: &str, buf: &mut String) {
        self.choose(package).finalize_package(package, buf);
    }
}
