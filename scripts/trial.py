"""What the trials with a made-up carrier share: leads that are nobody's, a configuration on loopback, a dialer that runs on it."""

import os, shutil, signal, subprocess, sys, time, urllib.request

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
JUDGE = os.path.join(HERE, "..", "shared", "durability")

# Area codes in use; of each the hundred numbers 555-0100 to 555-0199, which are nobody's.
AREAS = """201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248 251 252 253 254 256 260 262
267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 323 325 330 334 336 337 339 347 351 352 360 361
386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424 425 430 432 434 435 440 443 469 478 479 480 484 501 502 503 504 505 507
508 509 510 512 513 515 516 517 518 520 530 540 541 551 559 561 562 563 567 570 571 573 574 580 585 586 601 602 603 605 606 607 608 609 610 612
614 615 616 617 618 619 620 623 626 630 631 636 641 646 650 651 660 661 662 678 682 701 702 703 704 706 707 708 712 713 714 715 716 717 718 719
720 724 727 731 732 734 740 754 757 760 763 765 770 772 773 774 775 781 785 786 801 802 803 804 805 806 808 810 812 813 814 815 816 817 818 828
830 831 832 843 845 847 848 850 856 857 858 859 860 862 863 864 865 901 903 904 906 907 908 909 910 912 913 914 915 916 917 918 919 920 925 928
931 936 937 940 941 947 949 951 952 954 956 970 971 972 973 978 979 980 985 989""".split()

# No rule asks for a second call within the hour that the judge holds it to.
CAMPAIGN = """country = "US"
caller_ids = ["+18005550199"]
trunks = ["oracle"]
rulebooks = ["test-carrier"]
ring_s_max = {ring_s_max}
wrap_up_s_max = 5
{more}[pacing]
{pacing}
"""


class Trial:
    """A folder with all that a dialer needs to call a carrier on `port`."""

    def __init__(self, binary, work, port, store="", data="data"):
        self.binary, self.work, self.port, self.store = os.path.abspath(binary), os.path.abspath(work), port, store
        if not os.access(self.binary, os.X_OK):
            sys.exit(f"{self.binary} is not there: build it first (cargo build, or cargo build --release), or say --binary FILE")
        self.data = data

    def configuration(self, nth=0):
        """Of the first dialer, and of the others beside it."""
        at = self.port + 10 + 10 * nth
        # Trials beside each other have ports of their own.
        media = 21_000 + (self.port - 15_060) // 200 % 4 * 2_000 + 1_000 * nth
        store = f'store = "{self.store}"\n' if self.store else ""
        return f"""{store}[data]
dir = "{self.data}"
[api]
listen = "127.0.0.1:{at}"
[sip]
trunk_bind = "127.0.0.1:{at + 2}"
agent_bind = "127.0.0.1:{at + 4}"
[media]
ip = "127.0.0.1"
ports = "{media}-{media + 999}"
silence_s_max = 300
[trunks.oracle]
address = "127.0.0.1:{self.port}"
"""

    def outdial(self, *arguments):
        done = subprocess.run([self.binary, *arguments], cwd=self.work, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"outdial {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done

    def set_up(self, leads, pacing='mode = "progressive"', ring_s_max=15, more="", agents=0):
        """The folder, the leads in the books, the campaign set going: a later start goes on with it."""
        if os.path.exists(self.work):
            shutil.rmtree(self.work)
        os.makedirs(os.path.join(self.work, "campaigns"))
        write = lambda name, text: open(os.path.join(self.work, name), "w").write(text)
        write("outdial.toml", self.configuration())
        write("campaigns/trial.toml", CAMPAIGN.format(pacing=pacing, ring_s_max=ring_s_max, more=more))
        leads = min(len(AREAS) * 100, leads)
        numbers = (f"+1{AREAS[lead % len(AREAS)]}55501{lead // len(AREAS):02d}\n" for lead in range(leads))
        write("leads.csv", "phone\n" + "".join(numbers))
        self.outdial("check", "--config", "outdial.toml")
        landed = self.outdial("import", "leads.csv", "--campaign", "trial", "--data", self.data, "--config", "outdial.toml")
        print(f"{leads} leads, {agents} agents:", landed.stdout.strip(), flush=True)
        first = self.serve(0)
        self.campaign("start", wait_s=10)
        first.terminate()
        first.wait()

    def serve(self, agents, *more, home=None):
        home = home or self.work
        words = [self.binary, "serve", "--config", "outdial.toml"]
        if agents:
            words += ["--rehearsal-agents", str(agents)]
        log = open(os.path.join(home, "dialer.log"), "ab")
        return subprocess.Popen([*words, *more], cwd=home, stdout=log, stderr=log)

    def campaign(self, word, wait_s=0):
        """Says it to the server, which may still be coming up."""
        until = time.time() + wait_s
        while subprocess.run([self.binary, "campaign", word, "trial", "--data", self.data], cwd=self.work, capture_output=True).returncode:
            if time.time() > until:
                sys.exit(f"the server does not take: campaign {word}; see {self.work}/dialer.log")
            time.sleep(0.1)

    def metrics(self):
        """Every figure of /metrics, by its name and labels."""
        url = f"http://127.0.0.1:{self.port + 10}/metrics"
        lines = urllib.request.urlopen(url, timeout=5).read().decode().splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}

    def carrier(self, judge, *more):
        """The witness, which is never killed."""
        words = [sys.executable, os.path.join(judge, "carrier_oracle.py"), "--log", os.path.join(self.work, "oracle.jsonl"), "--seconds", "36000",
                 "--port", str(self.port)]
        return subprocess.Popen([*words, *more], stdout=subprocess.DEVNULL)
