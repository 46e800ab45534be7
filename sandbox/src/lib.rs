//! Simulators of the helpdesks and the launcher of a real control plane. Imports nothing of the operator.
