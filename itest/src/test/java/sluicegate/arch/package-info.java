/** Tests of the walls between the rooms, on the classes as they are compiled. */
package sluicegate.arch;
