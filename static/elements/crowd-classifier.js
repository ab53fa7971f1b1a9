// <crowd-classifier name header categories='["A","B"]'>: one label for the text or media in its classification-target.

import { CrowdChoice } from "./choice.js";
import { takeSlot } from "./dom.js";

export class CrowdClassifier extends CrowdChoice {
  buildTarget() {
    return takeSlot(this, "classification-target");
  }
}
