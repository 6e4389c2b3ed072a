/** Tests of the house as a whole: the walls between the rooms, on the classes as they are compiled, and documents that name code. */
package sluicegate.arch;
