//! Spanish: the sheet of a store with `language: es`, in the words of the product's own articles.

use super::{Label, StepText};
use crate::api::config_status::StepOwner;
use crate::model::StepName;

/// What a step says.
pub(super) fn step(name: StepName) -> StepText {
    let (title, why, how) = match name {
        StepName::IntegrateWhatsApp => (
            "Integrar el número de WhatsApp",
            "los clientes escriben a este número; la atención humana solo se configura después de integrarlo",
            "integre el número con WhatsApp Business (una cuenta de Meta Business Manager, un número que no se haya usado allí antes) y luego complete este paso con el número",
        ),
        StepName::AgreeLicenses => (
            "Acordar el número de licencias",
            "cuántas personas pueden atender a la vez se acuerda con el socio, y ninguna interfaz conoce ese número",
            "acuerde el número de licencias con el socio y declárelo en `licenses.quantity`; luego complete este paso con el valor `{value}` (sin número declarado: que no se acordó ninguno)",
        ),
        StepName::BuySeats => (
            "Comprar puestos",
            "la cuenta ya no tiene puestos para {value} de los agentes declarados",
            "compre puestos en la plataforma o libere algunos, y aumente los puestos en `limits` de la cuenta, si los hay; el paso se cierra solo",
        ),
        StepName::SetLicenses => (
            "Pedir que se fijen las licencias",
            "esta interfaz de la plataforma no tiene licencias: solo el socio puede fijar su número",
            "pida al socio que fije {value} licencias en la cuenta y luego complete este paso",
        ),
        StepName::BookTraining => (
            "Programar la capacitación",
            "estos no tienen sesión de capacitación, y el socio solo la imparte cuando está programada: `{value}`",
            "acuerde una fecha con el socio y declárela en `training.sessions` con su público; o complete este paso con este valor si no la necesitan",
        ),
        StepName::SendTicketFieldId => (
            "Enviar el id del campo de ticket",
            "el bot escribe el número de la tienda en este campo de cada conversación; sin el id ninguna respuesta llega al cliente",
            "envíe este id a quien opera el bot y luego complete este paso con él",
        ),
        StepName::SendConversationTag => (
            "Enviar la etiqueta de las conversaciones",
            "el bot marca las conversaciones de la tienda con esta etiqueta; los disparadores no se activan para nada más",
            "envíe esta etiqueta a quien opera el bot y luego complete este paso con ella",
        ),
        StepName::ReceiveHandlerToken => (
            "Recibir el token del handler",
            "el webhook `{entry}` necesita el token de su handler, y solo quien lo opera lo conoce",
            "pida el token y cree el Secret `{value}` de tipo `humansupport.dev/webhook-token` con las claves `host` y `token`; el paso se cierra solo",
        ),
        StepName::SetWebhookAddress => (
            "Fijar la dirección del webhook",
            "la plataforma acepta la dirección de su webhook solo en su propia configuración",
            "en la administración de la plataforma abra Configuración > Integraciones > API y fije la dirección del webhook en `{value}`",
        ),
        StepName::CreateDepartment => (
            "Crear un departamento a mano",
            "esta interfaz de la plataforma no puede crear el departamento `{entry}`, y las conversaciones llegan a departamentos",
            "cree el departamento `{value}` en la administración de la plataforma y déjelo activo; el paso se cierra solo",
        ),
        StepName::SwitchBot => (
            "Apuntar el bot a la nueva cuenta",
            "la tienda se mudó a otra cuenta; hasta que se cambie el bot, los clientes siguen llegando a la anterior",
            "pida a quien opera el bot que envíe las conversaciones a `{value}` y luego complete este paso",
        ),
        StepName::ObtainPartnerAccount => (
            "Obtener una cuenta del socio",
            "el socio solo atiende a esta tienda con una cuenta propia",
            "pida a quien administra la cuenta que obtenga una para `{value}` y la agregue a `zenvia.accounts`; el paso se cierra solo",
        ),
        StepName::ReassignConversations => (
            "Pasar las conversaciones abiertas a otros",
            "`{entry}` ya no tiene acceso, y aún hay conversaciones abiertas asignadas a esa cuenta",
            "asígnelas a otra persona en la plataforma; el puesto se devuelve cuando no quede ninguna, o después de un día",
        ),
        StepName::ResetPassword => (
            "Definir una contraseña",
            "la cuenta de `{entry}` se creó con una contraseña aleatoria que se descartó",
            "la persona debe elegir \"Olvidé mi contraseña\" con la dirección declarada y definir una contraseña; luego complete este paso",
        ),
        StepName::EnableHumanSupport => (
            "Fijar la atención humana en la administración de la tienda",
            "la administración de la tienda tiene su propio interruptor, y ninguna interfaz lo lee ni lo escribe",
            "en la administración de la tienda abra Apps > Conversational Commerce > Configuración > Atención Humana y deje la atención humana en `{value}`; luego complete este paso con esa palabra",
        ),
        StepName::SetBusinessHours => (
            "Fijar el horario en la administración de la tienda",
            "el bot pregunta a la administración de la tienda si hay atención ahora, y ninguna interfaz escribe su horario",
            "en la administración de la tienda abra Apps > Conversational Commerce > Configuración > Atención Humana e indique la zona horaria, las ventanas y las excepciones de `businessHours`; luego complete este paso con `{value}`, que cambia con el horario",
        ),
        StepName::SetUnavailableMessage => (
            "Fijar el mensaje de indisponibilidad",
            "los clientes lo leen cuando nadie atiende, y ninguna interfaz de la plataforma lo envía",
            "en la administración de la tienda abra Apps > Conversational Commerce > Configuración > Atención Humana e indique `businessHours.unavailableMessage`; luego complete este paso con `{value}`, que cambia con el mensaje",
        ),
    };
    StepText { title, why, how }
}

/// Who does a step.
pub(super) fn who(who: StepOwner) -> &'static str {
    match who {
        StepOwner::Store => "la tienda",
        StepOwner::Partner => "el socio",
        StepOwner::PlatformTeam => "el equipo de la plataforma",
        StepOwner::BotOperator => "quien opera el bot",
    }
}

/// A heading or a phrase.
pub(super) fn label(label: Label) -> &'static str {
    match label {
        Label::Title => "Entrega de {store}",
        Label::Generated => {
            "Lo mantiene el operador de atención humana; lo que se cambie aquí se sobrescribe. La fuente es el recurso `{resource}`."
        }
        Label::Store => "Tienda",
        Label::Account => "Cuenta",
        Label::Host => "Mesa de ayuda",
        Label::Platform => "Plataforma",
        Label::WhatsAppNumber => "Número de WhatsApp",
        Label::Licenses => "Licencias acordadas",
        Label::LicensesUnknown => "ninguna declarada",
        Label::HumanSupport => "Atención humana",
        Label::Enabled => "activada",
        Label::Disabled => "desactivada: los clientes leen el mensaje de indisponibilidad",
        Label::Installation => "Instalación",
        Label::InstallationNote => {
            "Un clúster reconstruido debe recibir este nombre como `installation`, o no encuentra sus objetos."
        }
        Label::HandOver => "Para quien opera el bot",
        Label::ConversationTag => "etiqueta de las conversaciones",
        Label::TicketField => "id del campo de ticket del número de WhatsApp",
        Label::DefaultDepartment => "departamento al que llegan las conversaciones",
        Label::Webhook => "webhook `{entry}`",
        Label::Item => "Qué",
        Label::Value => "Valor",
        Label::OpenSteps => "Pasos abiertos",
        Label::NoOpenStep => "Ninguno: todo lo que deben hacer las personas está hecho.",
        Label::Customers => "los clientes esperan por él",
        Label::Why => "Por qué",
        Label::How => "Cómo",
        Label::Who => "Quién",
        Label::CompletedBy => "Cuando esté hecho, agregue a `completedSteps`",
        Label::StepsMore => "Y {value} más; `status.summary.pending` los cuenta todos.",
        Label::Departments => "Departamentos",
        Label::Name => "Nombre",
        Label::Description => "Descripción",
        Label::Id => "Id en la plataforma",
        Label::People => "Personas",
        Label::NobodyInProfile => "Nadie.",
        Label::PeopleMore => "Y {value} más; `spec.agents` las lista todas.",
        Label::NotActive => "inactivo",
        Label::Until => "hasta {value}",
        Label::Profiles => "Qué puede hacer cada perfil",
        Label::ProfileAgent => "Agente",
        Label::ProfileAdministrator => "Administrador",
        Label::AgentDoes => {
            "Atiende a los clientes: vendedores, representantes de ventas, equipos de soporte, centro de atención. Ve la cola de conversaciones de sus departamentos y el chat."
        }
        Label::AdministratorDoes => {
            "Gestiona y hace seguimiento en el módulo de Administración: ve el panel de atención, extrae reportes, administra a los agentes y hace lo que hace un agente."
        }
        Label::Conditions => "Qué no está como debería",
        Label::Training => "Capacitación",
        Label::NoTraining => "No se declaró ninguna sesión.",
        Label::Session => "Sesión",
        Label::When => "Cuándo",
        Label::Minutes => "{value} minutos",
        Label::Location => "Dónde",
        Label::Audience => "Para",
        Label::Requested => "solicitada, aún sin fecha",
        Label::Held => "impartida",
        Label::Cancelled => "cancelada",
        Label::Over => "ya pasó; ¿se impartió?",
        Label::Planned => "prevista",
        Label::Repeats => "cada {weeks} semanas, {times} veces",
        Label::TrainingSummary => "Capacitación {entry}: {store}",
        Label::Attendees => "Se espera a: {value}",
        Label::AttendeesMore => "y {value} más",
        Label::Reminder => "La capacitación empieza pronto",
        Label::Hours => "Horario de atención",
        Label::UnavailableMessage => "Mensaje de indisponibilidad",
    }
}
