//! Small scope.
