import { Progress, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

/** How loud it is, 0 to 100: -60 dB of full scale and less is nothing. */
function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return Math.max(0, Math.min(100, ((10 * Math.log10(power + 1e-9) + 60) * 100) / 60));
}

/** How loud the microphone is, ten times a second. */
export function Level({ of }: { of: MediaStream | null }) {
  const { t } = useTranslation();
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!of) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(of).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = window.setInterval(() => {
      // A page that nobody has touched yet.
      if (context.state === "suspended") void context.resume().catch(() => {});
      analyser.getFloatTimeDomainData(samples);
      setLevel(Math.round(loudness(samples)));
    }, 100);
    return () => {
      window.clearInterval(timer);
      void context.close();
    };
  }, [of]);
  return (
    <div>
      <Text size="sm" fw={500} component="span">
        {t("phone.level")}
      </Text>
      <Progress.Root size="lg" mt={4}>
        <Progress.Section
          value={level}
          color={level > 95 ? "red" : "teal"}
          aria-label={t("phone.level")}
        />
      </Progress.Root>
    </div>
  );
}
