//! What is told about single resources, and sums over them.
//!
//! Kept by resource and written out at each scrape: a resource that goes takes all its series with it in one step, and
//! 10,000 resources cost a small record each instead of a metric for every series. Must not keep a resource that was
//! forgotten, and writes no series of a single resource when they are switched off.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeGaugeValue, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use super::labels::{ConditionStatus, SuspendState};

/// Whether series of single resources are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectSeries {
    /// One set of series for each resource.
    #[default]
    On,
    /// Only sums: for installations with very many resources.
    Off,
}

/// Which resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectName<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// What is known about one resource.
#[derive(Debug, Default)]
pub(super) struct Object {
    pub(super) conditions: Vec<(&'static str, ConditionStatus)>,
    pub(super) suspended: Option<SuspendState>,
    /// Seconds since 1970.
    pub(super) last_success: Option<i64>,
    pub(super) pending_changes: Option<u32>,
    /// How many objects of a kind it has in the helpdesk.
    pub(super) managed: Vec<(&'static str, u32)>,
}

type ByName = BTreeMap<Box<str>, Object>;

/// All resources. Clones share the same map.
#[derive(Clone, Debug)]
pub(super) struct Objects {
    series: ObjectSeries,
    namespaces: Arc<Mutex<BTreeMap<Box<str>, ByName>>>,
}

impl Objects {
    pub(super) fn new(series: ObjectSeries) -> Self {
        Self { series, namespaces: Arc::default() }
    }

    /// Changes what is known about a resource.
    pub(super) fn change(&self, object: ObjectName<'_>, change: impl FnOnce(&mut Object)) {
        let mut namespaces = self.lock();
        // Looked up before it is created: the usual call finds its entry and allocates nothing.
        if !namespaces.contains_key(object.namespace) {
            namespaces.insert(object.namespace.into(), ByName::new());
        }
        let Some(names) = namespaces.get_mut(object.namespace) else { return };
        match names.get_mut(object.name) {
            Some(known) => change(known),
            None => change(names.entry(object.name.into()).or_default()),
        }
    }

    /// Forgets a resource.
    pub(super) fn forget(&self, object: ObjectName<'_>) {
        let mut namespaces = self.lock();
        if let Some(names) = namespaces.get_mut(object.namespace) {
            names.remove(object.name);
            if names.is_empty() {
                namespaces.remove(object.namespace);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Box<str>, ByName>> {
        // A panic elsewhere cannot leave the map half-changed.
        self.namespaces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Objects {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let namespaces = self.lock();
        encode_managed(&namespaces, &mut encoder)?;
        match self.series {
            ObjectSeries::On => encode_objects(&namespaces, &mut encoder),
            ObjectSeries::Off => Ok(()),
        }
    }
}

fn each(namespaces: &BTreeMap<Box<str>, ByName>) -> impl Iterator<Item = (Labels<'_>, &Object)> {
    namespaces.iter().flat_map(|(namespace, names)| {
        names.iter().map(move |(name, object)| ([("namespace", &**namespace), ("name", &**name)], object))
    })
}

type Labels<'a> = [(&'static str, &'a str); 2];

fn encode_managed(
    namespaces: &BTreeMap<Box<str>, ByName>,
    encoder: &mut DescriptorEncoder<'_>,
) -> fmt::Result {
    let mut sums = BTreeMap::<&'static str, u64>::new();
    for (resource, count) in each(namespaces).flat_map(|(_, object)| &object.managed) {
        *sums.entry(resource).or_default() += u64::from(*count);
    }
    let help = "Objects in helpdesks that the operator manages, by resource.";
    let mut family = encoder.encode_descriptor("managed_objects", help, None, MetricType::Gauge)?;
    for (resource, count) in sums {
        ConstGauge::new(count).encode(family.encode_family(&[("resource", resource)])?)?;
    }
    Ok(())
}

fn encode_objects(
    namespaces: &BTreeMap<Box<str>, ByName>,
    encoder: &mut DescriptorEncoder<'_>,
) -> fmt::Result {
    let help = "Conditions of resources: 1 for the status that a condition has.";
    let mut family = encoder.encode_descriptor("config_condition", help, None, MetricType::Gauge)?;
    for ([namespace, name], object) in each(namespaces) {
        for (kind, status) in &object.conditions {
            let labels = [namespace, name, ("type", *kind), ("status", status.as_str())];
            ConstGauge::new(1_i64).encode(family.encode_family(&labels)?)?;
        }
    }
    let suspended =
        |object: &Object| object.suspended.map(|state| i64::from(state == SuspendState::Suspended));
    let help = "Whether a resource is suspended (1) or not (0).";
    encode_value(namespaces, encoder, ("config_suspended", help, None), suspended)?;
    let help = "When a round of a resource last ended in success, as seconds since 1970.";
    let name = ("config_last_success_timestamp", help, Some(&Unit::Seconds));
    encode_value(namespaces, encoder, name, |object| object.last_success)?;
    let help = "Changes that a resource still needs in the helpdesk, held ones included.";
    encode_value(namespaces, encoder, ("config_pending_changes", help, None), |object| object.pending_changes)
}

fn encode_value<N: EncodeGaugeValue + fmt::Debug>(
    namespaces: &BTreeMap<Box<str>, ByName>,
    encoder: &mut DescriptorEncoder<'_>,
    (name, help, unit): (&str, &str, Option<&Unit>),
    value: impl Fn(&Object) -> Option<N>,
) -> fmt::Result {
    let mut family = encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?;
    for (labels, object) in each(namespaces) {
        if let Some(value) = value(object) {
            ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
        }
    }
    Ok(())
}
