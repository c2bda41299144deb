// SurveyJS's own engine as a judge: reads {today, forms: [{code, json, sets}]} on standard input and answers, for
// each set of answers, which questions are seen, open and required, and which values are left.
//
// A set is what a person typed. A question that is not seen counts as empty for every expression (the one rule of
// ours that SurveyJS has as `clearInvisibleValues: "onHidden"`): so the values of unseen questions are taken out
// and the model is asked again, until nothing changes.
"use strict";

const fs = require("fs");
const path = require("path");
const Survey = require(path.join(process.argv[2], "survey-core"));

const input = JSON.parse(fs.readFileSync(0, "utf8"));
const RealDate = Date;
global.Date = class extends RealDate {
  constructor(...given) { super(...(given.length ? given : [`${input.today}T12:00:00Z`])); }
  static now() { return new RealDate(`${input.today}T12:00:00Z`).getTime(); }
};

const CLASSES = ["survey", "page", "panel", "question", "itemvalue", "calculatedvalue", "expressionvalidator"];
const known = new Set();

// Our own keys begin with `x-`; SurveyJS wants to be told of properties it does not have.
function declare(node) {
  if (Array.isArray(node)) node.forEach(declare);
  else if (node && typeof node === "object") {
    for (const [key, value] of Object.entries(node)) {
      if (key.startsWith("x-") && !known.has(key)) {
        known.add(key);
        for (const name of CLASSES) Survey.Serializer.addProperty(name, { name: key, type: "value" });
      }
      declare(value);
    }
  }
}
Survey.Serializer.addProperty("calculatedvalue", { name: "title", type: "value" });

const isEmpty = value => value === undefined || value === null || value === "" ||
  (Array.isArray(value) && value.length === 0);

// Every question with the name we give it: `thanhVien[0].hoTen` within a row, `thanhVien.length` for the rows.
function* questions(model) {
  for (const question of model.getAllQuestions()) {
    if (question.getType() !== "paneldynamic") { yield [question.name, question]; continue; }
    yield [`${question.name}.length`, question];
    for (const [i, panel] of question.panels.entries()) {
      for (const inner of panel.questions) yield [`${question.name}[${i}].${inner.name}`, inner, question];
    }
  }
}

// All answers are put in before conditions are worked out once: one by one it takes five times as long.
const WAITS = ["runConditions", "runConditionOnValueChanged", "runConditionOnValuesChanged"];

function fill(model, set, unseen) {
  for (const name of WAITS) model[name] = () => {};
  // What is not seen is empty for the others, so it starts with nothing either.
  for (const [name, question] of questions(model)) {
    question.whenSeen ??= question.defaultValueExpression;
    const wanted = unseen.has(name) ? undefined : question.whenSeen;
    if (question.whenSeen && question.defaultValueExpression !== wanted) question.defaultValueExpression = wanted;
  }
  model.clear(true, true);
  for (const name of model.getVariableNames()) model.setVariable(name, undefined);
  for (const [name, value] of Object.entries(set.variables)) model.setVariable(name, value);
  const typed = Object.entries(structuredClone(set.answers)).filter(([name]) => !unseen.has(name));
  for (const [name, value] of typed) model.setValue(name, value);
  for (const panel of model.getAllQuestions().filter(q => q.getType() === "paneldynamic")) {
    const name = panel.name;
    const rows = unseen.has(`${name}.length`) ? undefined : set.rows[name];
    if (rows === undefined) { panel.panelCount = panel.minPanelCount; continue; }
    const kept = structuredClone(rows).map((row, i) => Object.fromEntries(
      Object.entries(row).filter(([key]) => !unseen.has(`${name}[${i}].${key}`))));
    panel.panelCount = rows.length;
    model.setValue(name, kept);
    typed.push([name, kept]);
  }
  empty(model, unseen);
  for (const name of WAITS) delete model[name];
  model.runConditions();
  // SurveyJS takes an answer that is the same as the default of the moment for the default, and replaces it.
  for (const [name, value] of typed) {
    if (!Survey.Helpers.isTwoValueEquals(model.getValue(name), value)) model.setValue(name, structuredClone(value));
  }
  empty(model, unseen);
}

function empty(model, unseen) {
  for (const [name, question] of questions(model)) {
    if (unseen.has(name) && !isEmpty(question.value)) question.clearValue();
  }
}

const isSeen = question => question.isVisible && question.isParentVisible;

function judge(model, set) {
  let unseen = new Set();
  for (let turn = 0; turn < 12; turn++) {
    fill(model, set, unseen);
    const now = new Set([...questions(model)].filter(([, q, outer]) => !isSeen(q) || (outer && !isSeen(outer)))
      .map(([name]) => name));
    const settled = now.size === unseen.size && [...now].every(name => unseen.has(name));
    unseen = now;
    if (settled) break;
  }
  const told = { visible: [], enabled: [], required: [], values: {} };
  for (const [name, question] of questions(model)) {
    if (unseen.has(name)) continue;
    const rows = question.getType() === "paneldynamic";
    told.visible.push(name);
    if (!question.isReadOnly) told.enabled.push(name);
    if (!rows && question.isRequired) told.required.push(name);
    const value = rows ? question.panelCount : question.value;
    if (!isEmpty(value)) told.values[name] = JSON.parse(JSON.stringify(value));
  }
  return told;
}

const answers = input.forms.map(form => {
  declare(form.json);
  const model = new Survey.Model(form.json);
  const errors = (model.jsonErrors || []).map(error => error.message);
  return { code: form.code, errors, told: form.sets.map(set => judge(model, set)) };
});
process.stdout.write(JSON.stringify(answers));
