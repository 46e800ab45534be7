//! Spanish: the sheet of a store with `language: es`, in the words of the product's own articles.

use super::{Label, StepText};
use crate::api::config_status::StepOwner;
use crate::model::StepName;

table! {
    /// What a step says.
    fn step(StepName) -> StepText {
        IntegrateWhatsApp => StepText::new(
            "Integrar el número de WhatsApp",
            "los clientes escriben a este número; la atención humana solo se configura después de integrarlo",
            "integre el número con WhatsApp Business (una cuenta de Meta Business Manager, un número que no se haya usado allí antes) y luego complete este paso con el número",
        ),
        AgreeLicenses => StepText::new(
            "Acordar el número de licencias",
            "cuántas personas pueden atender a la vez se acuerda con el socio, y ninguna interfaz conoce ese número",
            "acuerde el número de licencias con el socio y declárelo en `licenses.quantity`; luego complete este paso con el valor `{value}` (sin número declarado: que no se acordó ninguno)",
        ),
        BuySeats => StepText::new(
            "Comprar puestos",
            "la cuenta ya no tiene puestos para {value} de los agentes declarados",
            "compre puestos en la plataforma o libere algunos, y aumente los puestos en `limits` de la cuenta, si los hay; el paso se cierra solo",
        ),
        SetLicenses => StepText::new(
            "Pedir que se fijen las licencias",
            "esta interfaz de la plataforma no tiene licencias: solo el socio puede fijar su número",
            "pida al socio que fije {value} licencias en la cuenta y luego complete este paso",
        ),
        BookTraining => StepText::new(
            "Programar la capacitación",
            "estos no tienen sesión de capacitación, y el socio solo la imparte cuando está programada: `{value}`",
            "acuerde una fecha con el socio y declárela en `training.sessions` con su público; o complete este paso con este valor si no la necesitan",
        ),
        SendTicketFieldId => StepText::new(
            "Enviar el id del campo de ticket",
            "el bot escribe el número de la tienda en este campo de cada conversación; sin el id ninguna respuesta llega al cliente",
            "envíe este id a quien opera el bot y luego complete este paso con él",
        ),
        SendConversationTag => StepText::new(
            "Enviar la etiqueta de las conversaciones",
            "el bot marca las conversaciones de la tienda con esta etiqueta; los disparadores no se activan para nada más",
            "envíe esta etiqueta a quien opera el bot y luego complete este paso con ella",
        ),
        ReceiveHandlerToken => StepText::new(
            "Recibir el token del handler",
            "el webhook `{entry}` necesita el token de su handler, y solo quien lo opera lo conoce",
            "pida el token y cree el Secret `{value}` de tipo `humansupport.dev/webhook-token` con las claves `host` y `token`; el paso se cierra solo",
        ),
        SetWebhookAddress => StepText::new(
            "Fijar la dirección del webhook",
            "la plataforma acepta la dirección de su webhook solo en su propia configuración",
            "en la administración de Zenvia Chat abra Configuración > Integraciones > Webhooks y fije la dirección del webhook de la tienda (`{value}`); luego complete este paso. Donde la interfaz muestra la configuración, el paso se cierra solo",
        ),
        CreateDepartment => StepText::new(
            "Crear un departamento a mano",
            "esta interfaz de la plataforma no puede crear el departamento `{entry}`, y las conversaciones llegan a departamentos",
            "en la administración de Zenvia Chat abra Atención > Departamentos, cree `{value}` con el canal chat y déjelo activo; el paso se cierra solo",
        ),
        SwitchBot => StepText::new(
            "Apuntar el bot a la nueva cuenta",
            "la tienda se mudó a otra cuenta; hasta que se cambie el bot, los clientes siguen llegando a la anterior",
            "pida a quien opera el bot que envíe las conversaciones a `{value}` y luego complete este paso",
        ),
        ObtainPartnerAccount => StepText::new(
            "Obtener una cuenta del socio",
            "el socio solo atiende a esta tienda con una cuenta propia",
            "pida a quien administra la cuenta que obtenga una para `{value}` y la agregue a `zenvia.accounts`; el paso se cierra solo",
        ),
        ReassignConversations => StepText::new(
            "Pasar las conversaciones abiertas a otros",
            "`{entry}` ya no tiene acceso, y aún hay conversaciones abiertas asignadas a esa cuenta",
            "asígnelas a otra persona en la plataforma; el puesto se devuelve cuando no quede ninguna, o después de un día",
        ),
        ResetPassword => StepText::new(
            "Definir una contraseña",
            "la cuenta de `{entry}` se creó con una contraseña aleatoria que se descartó",
            "la persona debe elegir \"Olvidé mi contraseña\" con la dirección declarada y definir una contraseña; luego complete este paso",
        ),
        EnableHumanSupport => StepText::new(
            "Activar la atención humana en la administración de la tienda",
            "la administración de la tienda tiene su propio interruptor, y ninguna interfaz lo lee ni lo escribe",
            "en la administración de la tienda abra Apps > Conversational Commerce > Configuración > Atención Humana y active la atención humana; luego complete este paso",
        ),
        DisableHumanSupport => StepText::new(
            "Desactivar la atención humana en la administración de la tienda",
            "`humanSupport` es Disabled, y ninguna interfaz impide que el bot pase conversaciones",
            "en la administración de la tienda abra Apps > Conversational Commerce > Configuración > Atención Humana y desactive la atención humana; luego complete este paso; las conversaciones abiertas aún se pueden terminar en la plataforma",
        ),
        SetBusinessHours => StepText::new(
            "Fijar el horario en la administración de la tienda",
            "el bot pregunta a la administración de la tienda si hay atención ahora, y ninguna interfaz escribe su horario",
            "en la administración de la tienda abra Apps > Conversational Commerce > Configuración > Atención Humana e indique la zona horaria, las ventanas y las excepciones de `businessHours`; luego complete este paso con el valor `{value}`",
        ),
        SetUnavailableMessage => StepText::new(
            "Fijar el mensaje de indisponibilidad",
            "los clientes lo leen cuando nadie atiende, y ninguna interfaz de la plataforma lo envía",
            "en la administración de la tienda abra Apps > Conversational Commerce > Configuración > Atención Humana e indique `businessHours.unavailableMessage`; luego complete este paso con el valor `{value}`",
        ),
    }
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

table! {
    /// A heading or a phrase.
    fn label(Label) -> &'static str {
        Title => "Entrega de {store}",
        Generated => "Lo mantiene el operador de atención humana; lo que se cambie aquí se sobrescribe. La fuente es el recurso `{resource}`.",
        Store => "Tienda",
        Account => "Cuenta",
        Host => "Mesa de ayuda",
        Platform => "Plataforma",
        WhatsAppNumber => "Número de WhatsApp",
        Licenses => "Licencias acordadas",
        LicensesUnknown => "ninguna declarada",
        HumanSupport => "Atención humana",
        Enabled => "activada",
        Disabled => "desactivada: los clientes leen el mensaje de indisponibilidad",
        Installation => "Instalación",
        InstallationNote => "Un clúster reconstruido debe recibir este nombre como `installation`, o no encuentra sus objetos.",
        HandOver => "Para quien opera el bot",
        ConversationTag => "etiqueta de las conversaciones",
        TicketField => "id del campo de ticket del número de WhatsApp",
        DefaultDepartment => "departamento al que llegan las conversaciones",
        Webhook => "webhook `{entry}`",
        Item => "Qué",
        Value => "Valor",
        OpenSteps => "Pasos abiertos",
        NoOpenStep => "Ninguno: todo lo que deben hacer las personas está hecho.",
        Customers => "los clientes esperan por él",
        Why => "Por qué",
        How => "Cómo",
        Who => "Quién",
        CompletedBy => "Cuando esté hecho, agregue a `completedSteps`",
        StepsMore => "Y {value} más; `status.summary.pending` los cuenta todos.",
        Departments => "Departamentos",
        Name => "Nombre",
        Description => "Descripción",
        Id => "Id en la plataforma",
        People => "Personas",
        NobodyInProfile => "Nadie.",
        PeopleMore => "Y {value} más; `spec.agents` las lista todas.",
        NotActive => "inactivo",
        Until => "hasta {value}",
        Profiles => "Qué puede hacer cada perfil",
        ProfileAgent => "Agente",
        ProfileAdministrator => "Administrador",
        AgentDoes => "Atiende a los clientes: vendedores, representantes de ventas, equipos de soporte, centro de atención. Ve la cola de conversaciones de sus departamentos y el chat.",
        AdministratorDoes => "Gestiona y hace seguimiento en el módulo de Administración: ve el panel de atención, extrae reportes, administra a los agentes y hace lo que hace un agente.",
        Conditions => "Qué no está como debería",
        Training => "Capacitación",
        NoTraining => "No se declaró ninguna sesión.",
        Session => "Sesión",
        When => "Cuándo",
        Minutes => "{value} minutos",
        Location => "Dónde",
        Audience => "Para",
        Requested => "solicitada, aún sin fecha",
        Held => "impartida",
        Cancelled => "cancelada",
        Over => "ya pasó; ¿se impartió?",
        Planned => "prevista",
        Repeats => "cada {weeks} semanas, {times} veces",
        TrainingSummary => "Capacitación {entry}: {store}",
        Attendees => "Se espera a: {value}",
        AttendeesMore => "y {value} más",
        Reminder => "La capacitación empieza pronto",
        Hours => "Horario de atención",
        UnavailableMessage => "Mensaje de indisponibilidad",
    }
}
