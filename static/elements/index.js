// Registers every element of the house.

import { CrowdAudio } from "./crowd-audio.js";
import { CrowdButton } from "./crowd-button.js";
import { CrowdClassifier } from "./crowd-classifier.js";
import { CrowdForm } from "./crowd-form.js";
import { CrowdImageClassifier } from "./crowd-image-classifier.js";
import { CrowdInstructions } from "./crowd-instructions.js";
import { CrowdRadioButton } from "./crowd-radio-button.js";
import { CrowdRadioGroup } from "./crowd-radio-group.js";
import { CrowdTextArea } from "./crowd-text-area.js";

const elements = {
  "crowd-form": CrowdForm,
  "crowd-classifier": CrowdClassifier,
  "crowd-image-classifier": CrowdImageClassifier,
  "crowd-text-area": CrowdTextArea,
  "crowd-radio-group": CrowdRadioGroup,
  "crowd-radio-button": CrowdRadioButton,
  "crowd-button": CrowdButton,
  "crowd-instructions": CrowdInstructions,
  "crowd-audio": CrowdAudio,
};

for (const [tag, element] of Object.entries(elements)) {
  if (!customElements.get(tag)) customElements.define(tag, element);
}
