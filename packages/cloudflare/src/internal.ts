/** For this project's own command line. Outside semantic versioning: anything here may change or go with any release. */
export { didYouMean } from "./suggest.ts";
