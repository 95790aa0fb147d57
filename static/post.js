// The request form: shows only the fields that the chosen reason needs, only grades the role has,
// and the times of the chosen shift code. Without this file every field is there.

for (const part of document.querySelectorAll("[data-when]")) {
  const source = document.getElementById(part.dataset.when);
  const update = () => {
    const typed = [...part.querySelectorAll("input, textarea")].some((field) => field.value);
    part.hidden = !(source.value === part.dataset.is || (typed && part.querySelector(".nhsuk-error-message")));
  };
  source.addEventListener("change", update);
  update();
}

const grades = document.querySelector("[data-grades]");
if (grades) {
  const known = JSON.parse(grades.dataset.grades);
  const role = grades.querySelector("#role");
  const shorten = () => {
    const fitting = known[role.value];
    for (const select of grades.querySelectorAll("select:not(#role)")) {
      for (const option of select.options) {
        option.hidden = option.disabled = Boolean(fitting && option.value && !fitting.includes(option.value));
      }
      if (select.selectedOptions[0]?.disabled) select.value = "";
    }
  };
  role.addEventListener("change", shorten);
  shorten();
}
