import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** What the server said no to, in its own words. */
export function Fault({ of, onClose }: { of: string | null; onClose: () => void }) {
  const { t } = useTranslation();
  if (of === null) return null;
  return (
    <Alert color="red" title={t("page.failed")} withCloseButton closeButtonLabel={t("page.close")} onClose={onClose} role="alert">
      {of}
    </Alert>
  );
}

/** The sentence of whatever was thrown. */
export function sentence(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
