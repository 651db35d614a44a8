"""Every section of the settings, in the order of the list. One line a section."""

from console.panels.settings.account_section import AccountSection
from console.panels.settings.alarm_section import AlarmSection
from console.panels.settings.appearance_section import AppearanceSection
from console.panels.settings.audit_section import AuditSection
from console.panels.settings.notifications.notifications_section import NotificationsSection
from console.panels.settings.section import Section
from console.panels.settings.sound_section import SoundSection
from console.panels.settings.stations_section import StationsSection
from console.panels.settings.users_section import UsersSection

SECTIONS: tuple[type[Section], ...] = (
    UsersSection,
    StationsSection,
    AlarmSection,
    NotificationsSection,
    AuditSection,
    AccountSection,
    AppearanceSection,
    SoundSection,
)
