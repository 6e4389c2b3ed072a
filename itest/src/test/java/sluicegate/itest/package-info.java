/** Tests that run inside the framework, beside the bundles they are about. */
package sluicegate.itest;
